#pragma once

#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize::slurm {

/// The program each rank runs: amorsize-run with its plan, or the manifest's own MPI program.
std::vector<std::string> rank_command(const Manifest&, const std::string& runner,
                                      const std::string& plan_path);

/// srun's arguments for one step that takes the whole request, the same for every release: CPUs per
/// task are always spelled out, since srun takes them over from sbatch only before 22.05 and
/// from 23.11 on (RELEASE_NOTES), and equal ones do no harm where 24.05 compares them with
/// SLURM_TRES_PER_TASK.
std::vector<std::string> srun_arguments(const Plan&, const Cluster&,
                                        const std::vector<std::string>& command);

/// Open MPI's arguments for the same placement. `ppr:N:OBJECT:PE=k --bind-to core` is the one
/// spelling that 4.1 and 5.0 both take across nodes; PE counts cores. One rank a domain: OBJECT is
/// the package where each has one domain, since memory-only nodes would be counted by `numa` too;
/// the whole node, whose cores are filled in order, where there is memory without cores besides,
/// and where nobody looked: Slurm's sockets may be NUMA nodes or caches (numa_node_as_socket,
/// l3cache_as_socket).
std::vector<std::string> mpirun_arguments(const Plan&, const Cluster&,
                                          const std::vector<std::string>& command);

}  // namespace amorsize::slurm
