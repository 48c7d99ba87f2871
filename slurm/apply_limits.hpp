#pragma once

#include <optional>
#include <string>

#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"
#include "slurm/cluster_facts.hpp"

namespace amorsize::slurm {

/// The cluster with the limits of the job's account, its quality of service and the partition's in
/// force: of nodes (at most and at least) and of time, in every partition where they are tighter
/// than its own. Where the manifest names no
/// account, only what holds in all of mine is applied: which one is the default Slurm does not tell
/// here. Limits of CPUs and memory are left to `sbatch --test-only`.
Cluster within_limits(const ClusterFacts&, const Limits&);

/// Throws Error(environment) if the partition asked for, or the default where none is, takes no
/// jobs now: the advice would be for another one.
void require_open_partition(const ClusterFacts&, const std::optional<std::string>& asked);

}  // namespace amorsize::slurm
