#pragma once

#include "advisor/cli/surroundings.hpp"
#include "advisor/core/cluster.hpp"

namespace amorsize::cli {

/// This machine as a cluster of one node without Slurm: what may be used of it now. `full` measures bandwidth,
/// speeds and spawn cost too, for some seconds.
Cluster local_cluster(const Surroundings&, bool full);

}  // namespace amorsize::cli
