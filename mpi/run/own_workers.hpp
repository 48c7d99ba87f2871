#pragma once

#include <optional>
#include <string>

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

/// How many workers this rank starts: the plan's number where the node is as planned, otherwise in
/// proportion to its hardware threads, and no more than its memory holds at the plan's size of a
/// worker.
OwnWorkers own_workers(const PlannedJob& job, int rank, const RankResources& found);

/// Speed of a rank's workers over the mean of all, from the shares the plan expects; 1 where it
/// does not say.
double relative_speed(const Plan& plan, int rank);

}  // namespace amorsize::run
