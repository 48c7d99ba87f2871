#pragma once

#include "advisor/cli/surroundings.hpp"
#include "advisor/core/cluster.hpp"

namespace amorsize::cli {

/// How much is measured of this machine.
enum class Probing {
    quick,      ///< shape and limits, milliseconds; spawn cost, bandwidth and speeds only if cached
    if_needed,  ///< those too, some seconds, unless they are cached
    again       ///< those too, whatever is cached
};

/// This machine as a cluster of one node without Slurm: what may be used of it now.
Cluster local_cluster(const Surroundings&, Probing);

}  // namespace amorsize::cli
