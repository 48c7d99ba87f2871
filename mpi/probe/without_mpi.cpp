#include "mpi/probe/without_mpi.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "advisor/core/error.hpp"
#include "mpi/probe/own_node.hpp"
#include "mpi/run/launch.hpp"

namespace amorsize::probe {

namespace {

bool speaks_for_node(const ProbeOptions& options, const LaunchedRank& rank) {
    return rank.first_on_node || options.every_rank;
}

NodeSurvey survey_of_node(const ProbeOptions& options, const measure::EnvironmentLookup& lookup,
                          const LaunchedRank& rank) {
    // mpirun binds where nobody asked for it: that says nothing of what the job was given.
    if (rank.by_mpirun && !options.every_rank) drop_affinity();
    return survey_of(probe_own_node(options, lookup, node_name(options, rank.number)));
}

/// Slurm names the nodes of its step; of others we know how many ranks there are.
Awaited all_of_launch(const ProbeOptions& options, const measure::EnvironmentLookup& lookup,
                      const LaunchedRank& rank) {
    if (rank.by_srun && !options.every_rank) return {rank.nodes, 0};
    return {{}, run::processes_launched(lookup).value_or(0)};
}

void name_silent_ranks(NodeSurvey& survey, int ranks) {
    HostList silent;
    for (int rank = 0; rank < ranks; ++rank)
        if (!survey.ranks.contains(std::to_string(rank))) silent.add(std::to_string(rank));
    if (!silent.empty()) survey.troubles.add("no word from rank " + silent.text());
}

}  // namespace

Spool spool_without_mpi(const ProbeOptions& options, const LaunchedRank& rank) {
    if (options.spool.empty() || rank.launch.empty()) return Spool("");
    return Spool(options.spool + "." + rank.launch);
}

bool reports_without_mpi(const ProbeOptions& options, const LaunchedRank& rank,
                         const std::string& loss) {
    return speaks_for_node(options, rank) || !rank.by_srun || !loss.empty();
}

std::optional<Collected> probe_without_mpi(const ProbeOptions& options,
                                           const measure::EnvironmentLookup& lookup,
                                           const LaunchedRank& rank, const std::string& loss) {
    const Spool spool = spool_without_mpi(options, rank);
    if (spool.folder().empty()) {
        // A word from each rank would say no more.
        if (!rank.root) return std::nullopt;
        throw Error(ExitCode::environment,
                    (loss.empty() ? "MPI does not start here" : loss) +
                        ", so nodes cannot report by it" +
                        (options.unseen.empty() ? ""
                                                : fmt::format(", nor by files: {} does not see {}",
                                                              own_host_name(), options.unseen)),
                    "--output on a shared file system does without MPI; or see srun --mpi=list for "
                    "one that Open MPI was built with");
    }
    const auto deadline = std::chrono::steady_clock::now() +
                          std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                              std::chrono::duration<double>(options.timeout.value));
    const Awaited awaited = all_of_launch(options, lookup, rank);
    NodeSurvey own;
    if (!loss.empty()) own.troubles.add(loss);
    if (speaks_for_node(options, rank)) {
        const std::string node = node_name(options, rank.number);
        // At once, so that others see that MPI is given up.
        spool.put(node, own);
        own = fold(survey_of_node(options, lookup, rank), std::move(own));
        own.ranks.add(std::to_string(rank.number));
        spool.put(node, own);
    } else if (reports_without_mpi(options, rank, loss)) {
        own.ranks.add(std::to_string(rank.number));
        spool.put(fmt::format("rank {}", rank.number), own);
    }
    if (!rank.root) return std::nullopt;
    Collected collected = wait_and_collect(spool, awaited, deadline);
    name_silent_ranks(collected.survey, awaited.ranks);
    return collected;
}

void report_for_lost_rank(const ProbeOptions& options, const measure::EnvironmentLookup& lookup,
                          const LaunchedRank& rank, const std::string& loss) {
    const Spool spool(options.spool);
    if (!spool.present() || !speaks_for_node(options, rank)) return;
    const std::string node = node_name(options, rank.number);
    NodeSurvey own = spool.find(node).value_or(NodeSurvey{});
    if (hosts_of(own).empty()) own = survey_of_node(options, lookup, rank);
    own.troubles.add(loss);
    if (spool.present()) spool.put(node, own);
}

}  // namespace amorsize::probe
