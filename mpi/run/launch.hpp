#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amorsize::run {

using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// How many processes the launcher started together with this one, as mpirun, srun and PMI
/// launchers say in the environment; 1 if there was no launcher; nothing if one is seen that does
/// not say.
std::optional<int> processes_launched(const EnvironmentLookup& lookup);

/// Whether a variable belongs to the launcher's talk with its own processes (PMIX_, OMPI_, PMI_
/// ...). Items must not inherit these: an MPI program among them would take itself for this rank.
bool speaks_for_launcher(std::string_view entry);

/// `environment` without such variables.
std::vector<std::string> without_launcher(std::vector<std::string> environment);

}  // namespace amorsize::run
