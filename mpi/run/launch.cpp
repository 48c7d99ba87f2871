#include "mpi/run/launch.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace amorsize::run {

namespace {

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

}  // namespace

std::optional<int> processes_launched(const EnvironmentLookup& lookup) {
    // mpirun inside a Slurm step sees the variables of both; its own count is the right one.
    for (const char* name :
         {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}) {
        const auto value = lookup(name);
        const int count = value ? std::atoi(value->c_str()) : 0;
        if (count > 0) return count;
    }
    const bool launched = lookup("PMIX_RANK") || lookup("PMI_RANK") || lookup("PMI_FD");
    return launched ? std::nullopt : std::optional(1);
}

bool speaks_for_launcher(std::string_view entry) {
    static constexpr std::array<std::string_view, 11> kTalk = {
        "PMIX_",        "PMI_",          "PMI2_",         "PRTE_",        "ORTE_",
        "OMPI_MCA_ess", "OMPI_MCA_pmix", "OMPI_MCA_orte", "OMPI_MCA_plm", "OMPI_MCA_initial",
        "HYDRA_"};
    const auto begins = [&](std::string_view start) { return starts_with(entry, start); };
    if (std::any_of(kTalk.begin(), kTalk.end(), begins)) return true;
    // The rest of OMPI_MCA_ are parameters that the user may have set for every MPI program.
    return begins("OMPI_") && !begins("OMPI_MCA_") && !begins("OMPI_ALLOW_");
}

std::vector<std::string> without_launcher(std::vector<std::string> environment) {
    std::erase_if(environment, [](const std::string& entry) { return speaks_for_launcher(entry); });
    return environment;
}

}  // namespace amorsize::run
