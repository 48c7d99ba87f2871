#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "advisor/core/planned_job.hpp"
#include "advisor/core/units.hpp"

namespace amorsize::run {

/// The plan for a process that is alone on its node: what falls there to several ranks is all its.
/// Mode program stays as it is, for its ranks are the program's own.
PlannedJob for_one_rank(PlannedJob job);

/// What a rank finds for itself where it runs.
struct RankResources {
    int hardware_threads = 1;     ///< of its own, other ranks of the node taken off
    int cores = 0;                ///< that these are of; 0: not known
    std::optional<Bytes> memory;  ///< its share of what the node may still use; absent: not known
};

struct OwnWorkers {
    int workers = 1;
    std::string difference;  ///< what differs from the plan and what follows; empty: nothing
};

/// How many workers this rank starts: the plan's number, but in proportion to its hardware threads
/// where those are fewer than planned, and no more than its memory holds at the plan's size of a
/// worker. Never more than planned: the number may have been held down by memory, bandwidth,
/// waiting or the count of items, which hardware threads do not tell; they are remarked on only, as
/// are threads that share cores.
OwnWorkers own_workers(const PlannedJob& job, int rank, const RankResources& found);

/// NUMA domains of a node, by their number in the operating system; none: not known.
struct DomainsUsed {
    std::set<int> own;      ///< by the workers of a rank
    std::set<int> of_node;  ///< by those of all ranks of its node
};

/// How those differ from the plan's in number; empty if they do not, or if the plan names none.
std::string domain_difference(const Plan&, int rank, const DomainsUsed& found);

/// Remarks of all ranks (empty: none) as lines, each different one once: "ranks 0 to 3, 6: ...".
std::string by_rank(const std::vector<std::string>& remarks);

/// Speed of a rank's workers over the mean of all, from the shares the plan expects; 1 where it
/// does not say.
double relative_speed(const Plan& plan, int rank);

}  // namespace amorsize::run
