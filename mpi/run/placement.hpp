#pragma once

#include <vector>

#include "advisor/core/topology.hpp"
#include "mpi/run/child_process.hpp"

namespace amorsize::run {

/// How a rank's workers use its cores.
struct WorkerShape {
    int workers = 1;
    int threads =
        1;  ///< of one worker: each gets a core, or a hardware thread where two of a core are used
    int threads_per_core = 1;  ///< hardware threads used of each core
};

/// One place a worker. Workers are spread evenly over the NUMA domains and each stays inside one,
/// on cores of its own. Where there are more workers than cores for them, as for items that wait or
/// where both threads of a core are used, a worker is held to its domain only, so that it moves to
/// a core that has become idle; a worker wider than a domain is not held at all.
std::vector<Place> place_workers(const Topology& usable, const WorkerShape& shape);

/// The part of `cpus` that is this rank's when `ranks` ranks of a node were all given the same
/// CPUs: contiguous, of nearly equal size.
std::vector<int> share_of_cpus(const std::vector<int>& cpus, int rank, int ranks);

}  // namespace amorsize::run
