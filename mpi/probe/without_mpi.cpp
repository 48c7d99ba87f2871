#include "mpi/probe/without_mpi.hpp"

#include <chrono>
#include <utility>

#include "advisor/core/error.hpp"
#include "mpi/probe/own_node.hpp"

namespace amorsize::probe {

std::optional<Collected> probe_without_mpi(const ProbeOptions& options,
                                           const measure::EnvironmentLookup& lookup,
                                           const LaunchedRank& rank) {
    if (options.spool.empty() || rank.nodes.empty()) {
        // A word from each rank would say no more.
        if (!rank.root) return std::nullopt;
        throw Error(ExitCode::environment, "MPI does not start here, so nodes cannot report by it",
                    "under srun, --output on a shared file system does without MPI; or see srun "
                    "--mpi=list for one that Open MPI was built with");
    }
    if (!rank.first_on_node) return std::nullopt;
    // Nobody can say when an earlier probe's reports are gone, so this step has a folder of its
    // own.
    const Spool spool(options.spool + "." + lookup("SLURM_JOB_ID").value_or("0") + "." +
                      lookup("SLURM_STEP_ID").value_or("0"));
    const auto deadline = std::chrono::steady_clock::now() +
                          std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                              std::chrono::duration<double>(options.timeout.value));
    const std::string host = own_host_name();
    spool.put(host, survey_of(probe_own_node(options, lookup, host)));
    if (!rank.root) return std::nullopt;
    Collected collected = wait_and_collect(spool, rank.nodes, deadline);
    spool.remove();
    return collected;
}

}  // namespace amorsize::probe
