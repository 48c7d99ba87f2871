#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/probe_report.hpp"
#include "mpi/probe/launch_fit.hpp"
#include "mpi/probe/surroundings.hpp"

namespace amorsize::probe {

/// What `amorsize-probe --say-ready` prints once its ranks have all started MPI.
inline constexpr const char* kReady = "ready";

/// How steps of any size are started from within this one.
struct Launcher {
    enum class Kind { none, srun, mpirun };
    Kind kind = Kind::none;
    std::string program;                   ///< this program, as every node finds it
    std::vector<std::string> environment;  ///< "NAME=value": main's own
    std::optional<std::string> slurm_version;
    std::vector<std::string> hosts;  ///< for mpirun: enough of them
};

std::vector<std::string> launch_command(const Launcher&, LaunchSize);
/// The environment for another launch: without the talk of the launcher that started us and
/// without the sizes, bindings and limits of this step, which a launch would inherit.
std::vector<std::string> launch_environment(const Launcher&);

/// The environment with PMIx told to keep its data by hash, unless it says otherwise itself. PMIx
/// 4.2's default, shared memory, ends about one start of ten with a segmentation fault where two
/// ranks share a node under Slurm 22.05.
std::vector<std::string> with_safe_pmix(std::vector<std::string> environment);

/// Starts steps of growing size, each a few times while the budget lasts, and fits the cost. A size
/// is timed from the start of srun or mpirun to the first line of output, which the step prints
/// when its last rank has started MPI. What goes wrong is noted in the report.
LaunchReport time_launches(const Launcher&, const std::vector<LaunchSize>&, Seconds budget);

}  // namespace amorsize::probe
