#include "advisor/cli/slurm_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/text.hpp"
#include "advisor/measure/run_command.hpp"
#include "slurm/apply_limits.hpp"

namespace amorsize::cli {

namespace {

/// Slurm's memory of a node, shared out as the domains' installed memory is.
std::vector<Bytes> memory_by_domain(const Topology& topology, Bytes memory) {
    Bytes installed;
    for (const NumaDomain& domain : topology.domains) installed += domain.memory;
    for (const NumaDomain& domain : topology.memory_only) installed += domain.memory;
    if (installed.value <= 0) return {};
    std::vector<Bytes> shares;
    for (const NumaDomain& domain : topology.domains) {
        shares.push_back(domain.memory * std::min(1.0, memory / installed));
    }
    return shares;
}

void adopt(NodeClass& node, const CachedClass& measured) {
    if (measured.topology.cores.size() == node.topology.cores.size()) {
        node.topology = measured.topology;
        node.domains_assumed = false;
        if (!measured.topology_file.empty()) node.topology_source = measured.topology_file;
        node.memory_per_domain = memory_by_domain(node.topology, node.memory);
    }
    node.measured = measured.figures;
    node.source = Source::measured;
    node.origin = fmt::format("class {}, by node {}", node.name, measured.node);
}

}  // namespace

std::optional<SlurmCluster> SlurmCluster::find(const Surroundings& surroundings,
                                               const Limits& limits) {
    if (!surroundings.has_program("sinfo") || !slurm::is_configured(measure::run_command)) {
        return std::nullopt;
    }
    slurm::ClusterFacts facts = slurm::read_cluster_facts(measure::run_command);
    slurm::require_open_partition(facts, limits.partition);
    return SlurmCluster(surroundings, limits, std::move(facts));
}

SlurmCluster::SlurmCluster(const Surroundings& surroundings, const Limits& limits,
                           slurm::ClusterFacts facts)
    : facts_(std::move(facts)),
      cluster_(slurm::within_limits(facts_, limits)),
      cache_(surroundings, facts_.cluster.name) {
    for (std::size_t i = 0; i < facts_.cluster.classes.size(); ++i) {
        CacheAnswer answer = cache_.read(facts_.cluster.classes[i], facts_.class_nodes[i]);
        known_.push_back({std::move(answer.known), std::move(answer.stale), false});
    }
}

Cluster SlurmCluster::cluster(std::optional<int> reference) const {
    Cluster cluster = cluster_;
    const auto rate_of = [&](std::size_t i) {
        return known_[i].measured ? known_[i].measured->one_core_rate : 0;
    };
    const double base = reference ? rate_of(static_cast<std::size_t>(*reference)) : 0;
    for (std::size_t i = 0; i < cluster.classes.size(); ++i) {
        cluster.classes[i].origin = fmt::format("class {}, by Slurm", cluster.classes[i].name);
        if (!known_[i].measured) continue;
        adopt(cluster.classes[i], *known_[i].measured);
        if (base > 0 && rate_of(i) > 0) cluster.classes[i].measured.core_speed = rate_of(i) / base;
    }
    add_launch(cluster, reference);
    return cluster;
}

/// The launch cost is the cluster's: what any class still vouches for, the reference first.
void SlurmCluster::add_launch(Cluster& cluster, std::optional<int> reference) const {
    const Known* found = nullptr;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const bool first = reference && static_cast<std::size_t>(*reference) == i;
        const auto& measured = known_[i].measured;
        if (measured && measured->launch && (found == nullptr || first)) found = &known_[i];
    }
    if (found == nullptr) return;
    cluster.launch = found->measured->launch;
    cluster.dispatch = found->measured->dispatch;
    cluster.launch_source = fmt::format(
        "steps timed {} from {}", found->fresh ? "just now" : "earlier", found->measured->node);
    if (cluster.mpi && found->measured->mpi) {
        cluster.mpi->name = found->measured->mpi->name;
        cluster.mpi->version = found->measured->mpi->version;
    }
}

std::vector<Fact> SlurmCluster::basis(const std::string& partition) const {
    std::vector<Fact> basis{fact_of_nodes()};
    const auto found = std::find_if(cluster_.partitions.begin(), cluster_.partitions.end(),
                                    [&](const Partition& one) { return one.name == partition; });
    if (found == cluster_.partitions.end()) return basis;
    for (const PartitionNodes& nodes : found->nodes)
        basis.push_back(fact_of_class(static_cast<std::size_t>(nodes.node_class)));
    return basis;
}

Fact SlurmCluster::fact_of_nodes() const {
    const int all = facts_.nodes_available + facts_.nodes_unavailable;
    return {"nodes of the cluster",
            facts_.nodes_unavailable == 0
                ? fmt::format("{}, all of them take jobs", all)
                : fmt::format("{}, of which {} take no jobs: down, drained or silent", all,
                              facts_.nodes_unavailable),
            Source::given, "scontrol show node"};
}

Fact SlurmCluster::fact_of_class(std::size_t node_class) const {
    const NodeClass& node = cluster_.classes[node_class];
    const Known& known = known_[node_class];
    const std::string name = fmt::format("class {}", node.name);
    if (known.measured) {
        return {
            name, describe(known.measured->topology), Source::measured,
            fmt::format("{} on {}", known.fresh ? "just now" : "earlier", known.measured->node)};
    }
    return {name, describe(node.topology), Source::assumed,
            "Slurm says nothing of NUMA domains; " +
                (known.stale.empty() ? "no node was measured"
                                     : "an earlier measurement is out of date: " + known.stale)};
}

std::optional<std::pair<int, const slurm::ClassNode*>> SlurmCluster::find_node(
    const std::string& host) const {
    // Slurm's names are short even where a node calls itself by its full one.
    const std::string short_name = host.substr(0, host.find('.'));
    for (std::size_t i = 0; i < facts_.class_nodes.size(); ++i) {
        for (const slurm::ClassNode& one : facts_.class_nodes[i]) {
            if (one.name == host || one.name == short_name)
                return std::pair(static_cast<int>(i), &one);
        }
    }
    return std::nullopt;
}

std::optional<int> SlurmCluster::class_of_node(const std::string& host) const {
    const auto found = find_node(host);
    return found ? std::optional(found->first) : std::nullopt;
}

std::optional<int> SlurmCluster::class_named(const std::string& name) const {
    for (std::size_t i = 0; i < cluster_.classes.size(); ++i) {
        if (cluster_.classes[i].name == name) return static_cast<int>(i);
    }
    return std::nullopt;
}

bool SlurmCluster::is_measured(int node_class) const {
    return known_[static_cast<std::size_t>(node_class)].measured.has_value();
}

std::string SlurmCluster::mpi_launch() const {
    if (!cluster_.mpi) return {};
    const std::vector<std::string>& types = cluster_.mpi->srun_types;
    return std::find(types.begin(), types.end(), "pmix") != types.end() ? "pmix" : "";
}

std::vector<std::string> SlurmCluster::idle_nodes(int node_class,
                                                  const std::string& partition) const {
    std::vector<std::string> idle;
    for (const slurm::ClassNode& node : facts_.class_nodes[static_cast<std::size_t>(node_class)]) {
        const bool there = std::find(node.partitions.begin(), node.partitions.end(), partition) !=
                           node.partitions.end();
        if (node.idle && there) idle.push_back(node.name);
    }
    return idle;
}

std::vector<std::string> SlurmCluster::take_in(const MeasuredCluster& visit) {
    std::vector<std::string> notes = visit.remarks;
    for (const MeasuredClass& measured : visit.classes) take_in(measured, visit, notes);
    return notes;
}

void SlurmCluster::take_in(const MeasuredClass& measured, const MeasuredCluster& visit,
                           std::vector<std::string>& notes) {
    const std::string node = measured.hosts.names(1).front();
    const auto found = find_node(node);
    if (!found) {
        notes.push_back(
            fmt::format("node {} is of no known class; its figures are left out", node));
        return;
    }
    const auto i = static_cast<std::size_t>(found->first);
    Known& known = known_[i];
    // Nodes that Slurm takes for equal may differ all the same: the larger group speaks for them.
    if (known.fresh) return;
    const NodeClass& as_slurm_says = facts_.cluster.classes[i];
    MeasuredCluster between = visit;
    if (!visit.launch && known.measured) {
        between.launch = known.measured->launch;
        between.dispatch = known.measured->dispatch;
    }
    known = {cache_.write(as_slurm_says, *found->second, measured, between), {}, true};
    const std::size_t seen = known.measured->topology.cores.size();
    const std::size_t cores = as_slurm_says.topology.cores.size();
    if (seen == cores) return;
    notes.push_back(fmt::format(
        "the step on {} saw {} of its {} cores: its NUMA domains stay assumed", node, seen, cores));
}

}  // namespace amorsize::cli
