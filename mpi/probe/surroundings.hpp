#pragma once

#include <string>

#include "advisor/core/command_port.hpp"
#include "advisor/core/probe_report.hpp"
#include "advisor/measure/usable_cpus.hpp"

namespace amorsize::probe {

/// Whether the nodes are those of the job this runs in.
enum class Whose { this_job, another_job };

/// A report without nodes: what the environment, Slurm's commands and the MPI library say of where
/// this runs. `mpi_library` is MPI_Get_library_version()'s text. Slurm is asked only inside a job
/// or for another job's nodes.
ProbeReport report_of_surroundings(const measure::EnvironmentLookup&, const CommandPort&,
                                   const std::string& mpi_library, Whose);

/// What the launcher says of this process.
struct LaunchedRank {
    int number = -1;             ///< among all ranks; -1: not told
    bool root = false;           ///< rank 0
    bool first_on_node = false;  ///< local rank 0
    bool by_mpirun = false;
    bool by_srun = false;
    HostList nodes;      ///< of the Slurm step; empty elsewhere
    std::string launch;  ///< what only the ranks started together with it are told; empty: nothing
};
LaunchedRank launched_rank(const measure::EnvironmentLookup&);

/// "Open MPI v4.1.4, package: ..." as name and version.
MpiFacts mpi_facts(const std::string& library_version);

/// The plugin types that `srun --mpi=list` prints, in any of its versions' forms.
std::vector<std::string> srun_types(const std::string& list);

}  // namespace amorsize::probe
