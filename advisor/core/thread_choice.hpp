#pragma once

#include <cstdint>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize {

/// What more threads make of an item: factors on what it takes with one.
struct ThreadScaling {
    int threads = 1;
    double seconds = 1;
    double memory = 1;
};

/// The thread counts tried, fewest first: of each the median over the items that ran with one
/// thread and again with so many, of memory the largest and no less than with one. Items without a
/// name, a time or a run with one thread tell nothing.
std::vector<ThreadScaling> threads_tried(const JobProfile&);

/// The profile as it would be had every item run with that many threads. Items that ran side by
/// side had as many cores busy as that many times fewer workers will have; those of narrower rounds
/// say nothing of them. CPU time counts as if all threads were always busy: their cores are the
/// worker's own.
JobProfile with_threads(const JobProfile&, const ThreadScaling&);

/// The job with its threads settled: the manifest that says how many, what is known of items with
/// so many, and what the other counts tried would come to.
struct ThreadChoice {
    Manifest manifest;
    JobProfile profile;
    std::vector<Reason> reasons;
    std::vector<Alternative> alternatives;  ///< the best plan with each other count
    std::vector<Fact> basis;
    Seconds serial;  ///< all items one after another, a thread each
};

/// One thread a worker, or more where a plan with them serves the goal better by over kTellApart. A
/// manifest that names its threads keeps them.
ThreadChoice settle_threads(const Manifest&, const Cluster&, const JobProfile&,
                            std::uint64_t seed = 0);

/// The advice for that job with the other counts beside it, its speed-up told over one thread.
Advice beside_other_threads(Advice, const ThreadChoice&);

}  // namespace amorsize
