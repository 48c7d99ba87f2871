#include "advisor/core/node_offer.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace amorsize {

namespace {

std::vector<Bytes> memory_of_domains(const NodeClass& node) {
    if (!node.memory_per_domain.empty()) return node.memory_per_domain;
    const std::size_t domains = std::max<std::size_t>(node.topology.domains.size(), 1);
    return std::vector<Bytes>(domains, node.memory / static_cast<double>(domains));
}

NodeOffer offer_of_class(const NodeClass& node) {
    NodeOffer offer;
    offer.node_class = node.name;
    offer.topology = node.topology;
    offer.memory = node.memory;
    offer.memory_per_domain = memory_of_domains(node);
    offer.gpus = node.gpus;
    offer.figures = node.measured;
    return offer;
}

/// The fewest cores, the least memory, the slowest core: whatever is granted is at least this.
NodeOffer weakest_of(const std::vector<const NodeClass*>& classes) {
    const NodeClass& fewest_cores = **std::min_element(
        classes.begin(), classes.end(), [](const NodeClass* a, const NodeClass* b) {
            return a->topology.cores.size() < b->topology.cores.size();
        });
    NodeOffer offer = offer_of_class(fewest_cores);
    for (const NodeClass* node : classes) {
        offer.memory = std::min(offer.memory, node->memory);
        offer.gpus = std::min(offer.gpus, node->gpus);
        if (node->measured.core_speed) {
            offer.figures.core_speed =
                std::min(offer.figures.core_speed.value_or(1.0), *node->measured.core_speed);
        }
    }
    const Bytes own = fewest_cores.memory;
    if (offer.memory < own) {
        for (Bytes& domain : offer.memory_per_domain) domain = domain * (offer.memory / own);
    }
    if (classes.size() > 1) {
        offer.reasons.push_back(
            reason::WeakestNodePlanned{offer.node_class, static_cast<int>(classes.size())});
    }
    return offer;
}

void apply_limits(NodeOffer& offer, const Partition& partition, const Manifest& manifest) {
    offer.partition = partition.name;
    offer.whole_nodes = partition.whole_nodes;
    offer.nodes_allowed = offer.nodes_available;
    if (partition.max_memory_per_node) {
        const Bytes before = offer.memory;
        offer.memory = std::min(before, *partition.max_memory_per_node);
        for (Bytes& domain : offer.memory_per_domain) domain = domain * (offer.memory / before);
    }
    if (partition.max_nodes && *partition.max_nodes < offer.nodes_allowed) {
        offer.nodes_allowed = *partition.max_nodes;
        offer.reasons.push_back(
            reason::NodeLimit{*partition.max_nodes, partition.node_limit_source.empty()
                                                        ? "partition " + partition.name
                                                        : partition.node_limit_source});
    }
    if (manifest.limits.nodes && *manifest.limits.nodes < offer.nodes_allowed) {
        offer.nodes_allowed = *manifest.limits.nodes;
        offer.reasons.push_back(reason::NodeLimit{*manifest.limits.nodes, "your limits.nodes"});
    }
    offer.time_allowed = partition.max_time;
    offer.time_limit_source = partition.time_limit_source.empty()
                                  ? "the partition's limit"
                                  : "the limit of " + partition.time_limit_source;
    if (manifest.limits.time) {
        offer.time_allowed =
            std::min(*manifest.limits.time, offer.time_allowed.value_or(*manifest.limits.time));
    }
}

bool has_feature(const NodeClass& node, const std::string& feature) {
    return std::find(node.features.begin(), node.features.end(), feature) != node.features.end();
}

/// A feature that this class has and no other class of the partition.
std::string own_feature(const NodeClass& node, const std::vector<const NodeClass*>& classes) {
    for (const std::string& feature : node.features) {
        const auto carriers = std::count_if(classes.begin(), classes.end(), [&](const NodeClass* other) {
            return has_feature(*other, feature);
        });
        if (carriers == 1) return feature;
    }
    return {};
}

std::vector<NodeOffer> offers_of_partition(const Manifest& manifest, const Cluster& cluster,
                                           const Partition& partition) {
    std::vector<const NodeClass*> classes;
    std::vector<int> counts;
    for (const PartitionNodes& nodes : partition.nodes) {
        const NodeClass& node = cluster.classes[static_cast<std::size_t>(nodes.node_class)];
        // Constraints with operators are Slurm's to judge; a plain feature is checked here.
        const std::string& wanted = manifest.limits.constraint.value_or("");
        const bool plain = wanted.find_first_of("&|[]()*!,") == std::string::npos;
        if (!wanted.empty() && plain && !node.features.empty() && !has_feature(node, wanted)) continue;
        if (nodes.count < 1) continue;
        classes.push_back(&node);
        counts.push_back(nodes.count);
    }
    std::vector<NodeOffer> offers;
    if (classes.empty()) return offers;

    NodeOffer all = weakest_of(classes);
    all.nodes_available = 0;
    for (const int count : counts) all.nodes_available += count;
    offers.push_back(std::move(all));
    if (classes.size() > 1 && !manifest.limits.constraint) {
        for (std::size_t i = 0; i < classes.size(); ++i) {
            const std::string feature = own_feature(*classes[i], classes);
            if (feature.empty()) continue;
            NodeOffer one = offer_of_class(*classes[i]);
            one.constraint = feature;
            one.nodes_available = counts[i];
            one.reasons.push_back(reason::ClassChosen{classes[i]->name, feature});
            offers.push_back(std::move(one));
        }
    }
    for (NodeOffer& offer : offers) apply_limits(offer, partition, manifest);
    return offers;
}

}  // namespace

Offers find_offers(const Manifest& manifest, const Cluster& cluster) {
    Offers found;
    std::vector<std::string> known;
    const Partition* chosen = nullptr;
    for (const Partition& partition : cluster.partitions) {
        known.push_back(partition.name);
        const bool wanted = manifest.limits.partition ? partition.name == *manifest.limits.partition
                                                      : partition.is_default;
        if (wanted) chosen = &partition;
    }
    // Without Slurm there are no partitions to choose from, whatever the manifest asks for elsewhere.
    const bool any = !manifest.limits.partition || !cluster.slurm_version;
    if (chosen == nullptr && any && !cluster.partitions.empty()) chosen = &cluster.partitions.front();
    if (chosen == nullptr) {
        found.refusals.push_back(reason::NoSuchPartition{manifest.limits.partition.value_or(""), known});
        return found;
    }
    found.offers = offers_of_partition(manifest, cluster, *chosen);
    if (found.offers.empty()) {
        found.refusals.push_back(
            reason::NoNodeMatches{chosen->name, manifest.limits.constraint.value_or("")});
    }
    return found;
}

}  // namespace amorsize
