#include "slurm/launch_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amorsize::slurm {

namespace {

bool one_rank_per_domain(const Plan& plan) {
    return plan.layout.ranks_per_node > 1 &&
           std::all_of(plan.ranks.begin(), plan.ranks.end(),
                       [](const RankPlan& rank) { return rank.domains.size() == 1; });
}

/// "5.0.3" and later; unknown is taken for 4.1, whose words 5.0 still knows.
bool is_prrte(const Cluster& cluster) {
    return cluster.mpi && !cluster.mpi->version.empty() && cluster.mpi->version.front() >= '5' &&
           cluster.mpi->version.front() <= '9';
}

/// "ppr:1:numa": how many ranks on what.
std::string ranks_per_object(const Plan& plan, const Cluster& cluster) {
    std::string on_node = fmt::format("ppr:{}:node", plan.layout.ranks_per_node);
    if (!one_rank_per_domain(plan)) return on_node;
    const auto node = std::find_if(
        cluster.classes.begin(), cluster.classes.end(),
        [&](const NodeClass& one) { return one.name == plan.ranks.front().node_class; });
    if (node == cluster.classes.end()) return "ppr:1:numa";
    if (node->domains_assumed) return on_node;
    const Topology& topology = node->topology;
    if (static_cast<int>(topology.domains.size()) == topology.packages) {
        return is_prrte(cluster) ? "ppr:1:package" : "ppr:1:socket";
    }
    return topology.memory_only.empty() ? "ppr:1:numa" : on_node;
}

void append(std::vector<std::string>& arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
}

}  // namespace

std::vector<std::string> rank_command(const Manifest& manifest, const std::string& runner,
                                      const std::string& plan_path) {
    if (manifest.kind == JobKind::tasks) return {runner, plan_path};
    if (manifest.command.shell) return {"bash", "-c", manifest.command.argv.front()};
    return manifest.command.argv;
}

std::vector<std::string> srun_arguments(const Plan& plan, const Cluster& cluster,
                                        const std::vector<std::string>& command) {
    const Request& request = plan.request;
    std::vector<std::string> arguments{"srun", fmt::format("--nodes={}", request.nodes),
                                       fmt::format("--ntasks={}", request.ntasks),
                                       fmt::format("--ntasks-per-node={}", request.ntasks_per_node),
                                       fmt::format("--cpus-per-task={}", request.cpus_per_task)};
    if (request.threads_per_core > 0) {
        arguments.push_back(fmt::format("--threads-per-core={}", request.threads_per_core));
    } else {
        arguments.push_back("--cpu-bind=cores");
    }
    if (request.ntasks_per_node > 1) arguments.push_back("--distribution=block:block");
    if (cluster.mpi) {
        const std::vector<std::string>& types = cluster.mpi->srun_types;
        if (std::find(types.begin(), types.end(), "pmix") != types.end())
            arguments.push_back("--mpi=pmix");
    }
    append(arguments, command);
    return arguments;
}

std::vector<std::string> mpirun_arguments(const Plan& plan, const Cluster& cluster,
                                          const std::vector<std::string>& command) {
    const Layout& layout = plan.layout;
    const int cores =
        std::max(1, plan.request.cpus_per_task / std::max(1, layout.threads_per_core));
    std::vector<std::string> arguments{
        "mpirun",
        "-np",
        std::to_string(layout.ranks()),
        "--map-by",
        fmt::format("{}:PE={}", ranks_per_object(plan, cluster), cores),
        "--bind-to",
        "core"};
    append(arguments, command);
    return arguments;
}

}  // namespace amorsize::slurm
