#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/planned_job.hpp"
#include "advisor/core/units.hpp"

namespace amorsize::run {

/// What a rank finds for itself where it runs.
struct RankResources {
    int hardware_threads = 1;     ///< of its own, other ranks of the node taken off
    std::optional<Bytes> memory;  ///< its share of what the node may still use; absent: not known
};

struct OwnWorkers {
    int workers = 1;
    std::string difference;  ///< what differs from the plan and what follows; empty: nothing
};

/// How many workers this rank starts: the plan's number, but in proportion to its hardware threads
/// where those are fewer than planned, and no more than its memory holds at the plan's size of a
/// worker. Never more than planned: the number may have been held down by memory, bandwidth,
/// waiting or the count of items, which hardware threads do not tell; they are remarked on only.
OwnWorkers own_workers(const PlannedJob& job, int rank, const RankResources& found);

/// Remarks of all ranks (empty: none) as lines, each different one once: "ranks 0 to 3, 6: ...".
std::string by_rank(const std::vector<std::string>& remarks);

/// Speed of a rank's workers over the mean of all, from the shares the plan expects; 1 where it
/// does not say.
double relative_speed(const Plan& plan, int rank);

}  // namespace amorsize::run
