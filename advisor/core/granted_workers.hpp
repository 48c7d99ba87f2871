#pragma once

#include <optional>

#include "advisor/core/plan.hpp"

namespace amorsize {

/// Workers that the plan gives a rank; at least 1.
int planned_workers(const Plan&, int rank);

/// The plan's memory of one worker, without what a node takes only once.
Bytes memory_of_worker(const Plan&);

/// `planned`, in proportion to the hardware threads granted to a rank where those are fewer than
/// the plan asked for, and at least 1. Never more than planned: the number may have been held down
/// by memory, bandwidth, waiting or the count of items, which hardware threads do not tell.
int workers_on_cpus(const Plan&, int planned, int hardware_threads);

/// How many workers of the plan's size fit into a rank's share of its node's memory, at least 1;
/// nothing if their size is not known.
std::optional<int> workers_in_memory(const Plan&, Bytes memory);

}  // namespace amorsize
