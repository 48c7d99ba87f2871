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
    return SlurmCluster(surroundings, limits, slurm::read_cluster_facts(measure::run_command));
}

SlurmCluster::SlurmCluster(const Surroundings& surroundings, const Limits& limits,
                           slurm::ClusterFacts facts)
    : facts_(std::move(facts)),
      cluster_(slurm::within_limits(facts_, limits)),
      cache_(surroundings, facts_.cluster.name),
      fresh_(facts_.cluster.classes.size(), false) {
    for (std::size_t i = 0; i < facts_.cluster.classes.size(); ++i) {
        measured_.push_back(cache_.read(facts_.cluster.classes[i], facts_.class_nodes[i]));
    }
}

Cluster SlurmCluster::cluster(std::optional<int> reference) const {
    Cluster cluster = cluster_;
    const auto rate_of = [&](std::size_t i) {
        return measured_[i] ? measured_[i]->one_core_rate : 0;
    };
    const double base = reference ? rate_of(static_cast<std::size_t>(*reference)) : 0;
    for (std::size_t i = 0; i < cluster.classes.size(); ++i) {
        cluster.classes[i].origin = fmt::format("class {}, by Slurm", cluster.classes[i].name);
        if (!measured_[i]) continue;
        adopt(cluster.classes[i], *measured_[i]);
        if (base > 0 && rate_of(i) > 0) cluster.classes[i].measured.core_speed = rate_of(i) / base;
    }
    return cluster;
}

std::vector<Fact> SlurmCluster::basis(const std::string& partition) const {
    std::vector<Fact> basis;
    const auto found = std::find_if(cluster_.partitions.begin(), cluster_.partitions.end(),
                                    [&](const Partition& one) { return one.name == partition; });
    if (found == cluster_.partitions.end()) return basis;
    for (const PartitionNodes& nodes : found->nodes) {
        const auto i = static_cast<std::size_t>(nodes.node_class);
        const NodeClass& node = cluster_.classes[i];
        const std::string name = fmt::format("class {}", node.name);
        if (measured_[i]) {
            basis.push_back(
                {name, describe(measured_[i]->topology), Source::measured,
                 fmt::format("{} on {}", fresh_[i] ? "just now" : "earlier", measured_[i]->node)});
        } else {
            basis.push_back({name, describe(node.topology), Source::assumed,
                             "Slurm says nothing of NUMA domains; no node was measured"});
        }
    }
    return basis;
}

std::optional<int> SlurmCluster::class_of_node(const std::string& node) const {
    for (std::size_t i = 0; i < facts_.class_nodes.size(); ++i) {
        for (const slurm::ClassNode& one : facts_.class_nodes[i]) {
            if (one.name == node) return static_cast<int>(i);
        }
    }
    return std::nullopt;
}

std::optional<int> SlurmCluster::class_named(const std::string& name) const {
    for (std::size_t i = 0; i < cluster_.classes.size(); ++i) {
        if (cluster_.classes[i].name == name) return static_cast<int>(i);
    }
    return std::nullopt;
}

bool SlurmCluster::is_measured(int node_class) const {
    return measured_[static_cast<std::size_t>(node_class)].has_value();
}

std::optional<std::string> SlurmCluster::take_in(const std::string& node,
                                                 const MeasuredNode& measured) {
    const auto found = class_of_node(node);
    if (!found) return fmt::format("node {} is of no known class; its figures are left out", node);
    const auto i = static_cast<std::size_t>(*found);
    const NodeClass& known = facts_.cluster.classes[i];
    const auto& nodes = facts_.class_nodes[i];
    const auto identity = std::find_if(
        nodes.begin(), nodes.end(), [&](const slurm::ClassNode& one) { return one.name == node; });
    fresh_[i] = true;
    measured_[i] = cache_.write(known, *identity, measured);
    if (measured.cores == static_cast<int>(known.topology.cores.size())) return std::nullopt;
    return fmt::format("the step on {} saw {} of its {} cores: its NUMA domains stay assumed", node,
                       measured.cores, known.topology.cores.size());
}

}  // namespace amorsize::cli
