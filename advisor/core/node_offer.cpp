#include "advisor/core/node_offer.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "advisor/core/text.hpp"
#include "advisor/core/time_limit.hpp"

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
    offer.classes = {node.name};
    offer.topology = node.topology;
    offer.hardware_threads = threads_per_core(node.topology) > 1;
    offer.memory = node.memory;
    offer.memory_per_domain = memory_of_domains(node);
    offer.gpus = node.gpus;
    offer.figures = node.measured;
    offer.source = node.source;
    offer.origin = node.origin;
    offer.limits = node.limits;
    return offer;
}

using Classes = std::vector<const NodeClass*>;

template <class Value>
const NodeClass& least_by(const Classes& classes, Value value) {
    return **std::min_element(
        classes.begin(), classes.end(),
        [&](const NodeClass* a, const NodeClass* b) { return value(*a) < value(*b); });
}

/// The worst of a figure; nothing where some class has none, for then the worst is not known.
template <class Get, class Worse>
auto worst(const Classes& classes, Get figure, Worse worse) {
    auto found = figure(classes.front()->measured);
    for (const NodeClass* node : classes) {
        const auto other = figure(node->measured);
        found = found && other ? decltype(found)(worse(*found, *other)) : std::nullopt;
    }
    return found;
}

/// The slowest of a relative speed, which is 1 where it was not measured.
std::optional<double> slowest(const Classes& classes, std::optional<double> NodeFigures::*speed) {
    std::optional<double> found;
    bool measured = false;
    for (const NodeClass* node : classes) {
        const double one = (node->measured.*speed).value_or(1.0);
        measured |= (node->measured.*speed).has_value();
        found = std::min(found.value_or(one), one);
    }
    return measured ? found : std::nullopt;
}

NodeFigures worst_figures(const Classes& classes) {
    NodeFigures figures;
    const auto larger = [](Seconds a, Seconds b) { return std::max(a, b); };
    const auto spawn = [&](std::optional<Seconds> SpawnCost::*cost) {
        return worst(
            classes,
            [&](const NodeFigures& one) { return one.spawn ? *one.spawn.*cost : std::nullopt; },
            larger);
    };
    figures.spawn = SpawnCost{spawn(&SpawnCost::exec), spawn(&SpawnCost::fork_per_gib),
                              spawn(&SpawnCost::thread)};
    figures.bandwidth_per_numa = worst(
        classes, [](const NodeFigures& one) { return one.bandwidth_per_numa; },
        [](const DomainBandwidth& a, const DomainBandwidth& b) {
            return DomainBandwidth{std::min(a.one_core, b.one_core),
                                   std::min(a.saturated, b.saturated),
                                   std::max(a.saturating_cores, b.saturating_cores)};
        });
    figures.smt_yield = worst(
        classes, [](const NodeFigures& one) { return one.smt_yield; },
        [](double a, double b) { return std::min(a, b); });
    figures.core_speed = slowest(classes, &NodeFigures::core_speed);
    figures.all_core_speed = slowest(classes, &NodeFigures::all_core_speed);
    figures.node_spread = worst(
        classes, [](const NodeFigures& one) { return one.node_spread; },
        [](Fraction a, Fraction b) { return std::max(a, b); });
    for (const NodeClass* node : classes)
        figures.spread = widest(figures.spread, node->measured.spread);
    return figures;
}

/// What a node of any of these classes has: each figure the weakest of its own kind, the NUMA
/// domains those of the class with the fewest cores.
NodeOffer weakest_of(const Classes& classes) {
    const auto cores = [](const NodeClass& node) { return node.topology.cores.size(); };
    const auto threads = [](const NodeClass& node) { return threads_per_core(node.topology); };
    const NodeClass& fewest_cores = least_by(classes, cores);
    const NodeClass& least_memory =
        least_by(classes, [](const NodeClass& node) { return node.memory; });
    const NodeClass& fewest_threads = least_by(classes, threads);
    NodeOffer offer = offer_of_class(fewest_cores);
    if (classes.size() == 1) return offer;
    offer.classes.clear();
    for (const NodeClass* node : classes) offer.classes.push_back(node->name);
    offer.memory = least_memory.memory;
    offer.gpus = least_by(classes, [](const NodeClass& node) { return node.gpus; }).gpus;
    offer.limits.clear();
    offer.figures = worst_figures(classes);
    for (const NodeClass* node : classes) offer.hardware_threads |= threads(*node) > 1;
    for (Core& core : offer.topology.cores) {
        core.pus.resize(
            std::min(core.pus.size(), static_cast<std::size_t>(threads(fewest_threads))));
    }
    for (Bytes& domain : offer.memory_per_domain)
        domain = domain * (offer.memory / fewest_cores.memory);
    offer.reasons.push_back(reason::WeakestNodePlanned{
        static_cast<int>(classes.size()), static_cast<int>(cores(fewest_cores)), fewest_cores.name,
        least_memory.memory, least_memory.name, threads(fewest_threads), fewest_threads.name});
    return offer;
}

std::optional<Seconds> time_allowed(const Partition& partition, const Manifest& manifest) {
    if (!manifest.limits.time) return partition.max_time;
    return std::min(*manifest.limits.time, partition.max_time.value_or(*manifest.limits.time));
}

/// Leaves so many cores, spread evenly over the domains; the domains that have none go.
void keep_cores(NodeOffer& offer, std::size_t wanted) {
    Topology& topology = offer.topology;
    while (topology.cores.size() > wanted) {
        std::vector<int> cores_of(topology.domains.size(), 0);
        for (const Core& core : topology.cores) ++cores_of[static_cast<std::size_t>(core.domain)];
        const auto most = std::max_element(cores_of.rbegin(), cores_of.rend());
        const auto domain = static_cast<int>(cores_of.rend() - most) - 1;
        const auto last = std::find_if(topology.cores.rbegin(), topology.cores.rend(),
                                       [&](const Core& core) { return core.domain == domain; });
        topology.cores.erase(std::next(last).base());
    }
    const std::size_t domains = std::min(topology.domains.size(), wanted);
    topology.domains.resize(domains);
    offer.memory_per_domain.resize(domains);
    topology.gpus_per_domain.resize(std::min(topology.gpus_per_domain.size(), domains));
}

void apply_core_limit(NodeOffer& offer, const Partition& partition) {
    if (!partition.max_cpus_per_node) return;
    const int threads = offer.hardware_threads ? std::max(2, threads_per_core(offer.topology)) : 1;
    const int cores = std::max(1, *partition.max_cpus_per_node / threads);
    if (cores >= physical_cores(offer)) return;
    keep_cores(offer, static_cast<std::size_t>(cores));
    offer.reasons.push_back(reason::CoreLimit{cores, *partition.max_cpus_per_node,
                                              "MaxCPUsPerNode of partition " + partition.name});
}

std::string whose(const std::string& source, const Partition& partition) {
    return source.empty() ? "partition " + partition.name : source;
}

void apply_limits(NodeOffer& offer, const Partition& partition, const Manifest& manifest) {
    offer.partition = partition.name;
    offer.whole_nodes = partition.whole_nodes;
    offer.jobs_per_core = partition.jobs_per_core;
    offer.nodes_allowed = offer.nodes_available;
    apply_core_limit(offer, partition);
    if (partition.max_memory_per_node) {
        // A limit on the sum: one domain may still give all of it.
        offer.memory = std::min(offer.memory, *partition.max_memory_per_node);
        for (Bytes& domain : offer.memory_per_domain) domain = std::min(domain, offer.memory);
    }
    if (partition.max_nodes && *partition.max_nodes < offer.nodes_allowed) {
        offer.nodes_allowed = *partition.max_nodes;
        offer.reasons.push_back(
            reason::NodeLimit{*partition.max_nodes, whose(partition.node_limit_source, partition)});
    }
    offer.nodes_grantable = offer.nodes_allowed;
    if (partition.min_nodes.value_or(1) > 1) {
        offer.nodes_least = *partition.min_nodes;
        offer.least_source = whose(partition.node_minimum_source, partition);
        offer.reasons.push_back(reason::NodeMinimum{offer.nodes_least, offer.least_source});
    }
    if (manifest.limits.nodes && *manifest.limits.nodes < offer.nodes_allowed) {
        offer.nodes_allowed = *manifest.limits.nodes;
        offer.reasons.push_back(reason::NodeLimit{*manifest.limits.nodes, "your limits.nodes"});
    }
    offer.time_allowed = time_allowed(partition, manifest);
    offer.time_limit_source = partition.time_limit_source.empty()
                                  ? "the partition's limit"
                                  : "the limit of " + partition.time_limit_source;
}

bool has_feature(const NodeClass& node, const std::string& feature) {
    return std::find(node.features.begin(), node.features.end(), feature) != node.features.end();
}

/// A feature that this class has and no other class of the partition.
std::string own_feature(const NodeClass& node, const Classes& classes) {
    for (const std::string& feature : node.features) {
        const auto carriers =
            std::count_if(classes.begin(), classes.end(),
                          [&](const NodeClass* other) { return has_feature(*other, feature); });
        if (carriers == 1) return feature;
    }
    return {};
}

struct CountedClass {
    const NodeClass* node;
    int count;
};

/// Of a node's memory, headroom included, as far as it is known to be needed.
Bytes memory_of_one_worker(const Manifest& manifest, const JobProfile& profile) {
    Bytes peak;
    for (const Sample& sample : profile.samples)
        peak = std::max(peak, sample.peak_rss.value_or(Bytes{}));
    if (profile.warm_up) peak = std::max(peak, profile.warm_up->peak_rss.value_or(Bytes{}));
    const auto given =
        manifest.resources.memory ? manifest.resources.memory : manifest.profile.peak_memory;
    return given.value_or(peak) / (1 - manifest.headroom.value);
}

/// Leaves the classes that have what one worker wants, or the most of it if none has enough.
template <class Has, class Told>
void keep_sufficient(std::vector<CountedClass>& nodes, std::int64_t wanted, Has has, Told told,
                     std::vector<Reason>& left_out) {
    const auto less = [&](const CountedClass& a, const CountedClass& b) {
        return has(*a.node) < has(*b.node);
    };
    const auto enough =
        std::min(wanted, has(*std::max_element(nodes.begin(), nodes.end(), less)->node));
    const auto short_of_it =
        std::stable_partition(nodes.begin(), nodes.end(),
                              [&](const CountedClass& one) { return has(*one.node) >= enough; });
    if (short_of_it == nodes.end()) return;
    const NodeClass& best = *std::max_element(short_of_it, nodes.end(), less)->node;
    left_out.push_back(reason::ClassesLeftOut{short_of_it->node->name,
                                              static_cast<int>(nodes.end() - short_of_it),
                                              told(wanted), told(has(best))});
    nodes.erase(short_of_it, nodes.end());
}

/// Takes out the classes whose nodes no request for one worker is granted; says which.
std::vector<Reason> leave_out_too_small(std::vector<CountedClass>& nodes, const Manifest& manifest,
                                        const JobProfile& profile) {
    std::vector<Reason> left_out;
    const auto number_of = [](const char* what) {
        return [what](std::int64_t number) { return counted(number, what); };
    };
    keep_sufficient(
        nodes, manifest.resources.gpus,
        [](const NodeClass& node) -> std::int64_t { return node.gpus; }, number_of("GPU"),
        left_out);
    keep_sufficient(
        nodes, manifest.resources.threads,
        [](const NodeClass& node) {
            std::int64_t cpus = 0;
            for (const Core& core : node.topology.cores)
                cpus += static_cast<std::int64_t>(core.pus.size());
            return cpus;
        },
        number_of("CPU"), left_out);
    keep_sufficient(
        nodes, memory_of_one_worker(manifest, profile).value,
        [](const NodeClass& node) { return node.memory.value; },
        [](std::int64_t bytes) { return to_text(Bytes{bytes}); }, left_out);
    return left_out;
}

std::vector<NodeOffer> offers_of_partition(const Manifest& manifest, const Cluster& cluster,
                                           const Partition& partition, const JobProfile& profile) {
    std::vector<CountedClass> nodes;
    for (const PartitionNodes& counted_nodes : partition.nodes) {
        const NodeClass& node = cluster.classes[static_cast<std::size_t>(counted_nodes.node_class)];
        // Constraints with operators are Slurm's to judge; a plain feature is checked here.
        const std::string& wanted = manifest.limits.constraint.value_or("");
        const bool plain = wanted.find_first_of("&|[]()*!,") == std::string::npos;
        if (!wanted.empty() && plain && !node.features.empty() && !has_feature(node, wanted))
            continue;
        if (counted_nodes.count < 1) continue;
        nodes.push_back({&node, counted_nodes.count});
    }
    std::vector<NodeOffer> offers;
    if (nodes.empty()) return offers;
    std::vector<Reason> left_out;
    if (cluster.slurm_version) left_out = leave_out_too_small(nodes, manifest, profile);

    Classes classes;
    for (const CountedClass& one : nodes) classes.push_back(one.node);
    NodeOffer all = weakest_of(classes);
    all.nodes_available = 0;
    for (const CountedClass& one : nodes) all.nodes_available += one.count;
    offers.push_back(std::move(all));
    if (nodes.size() > 1 && !manifest.limits.constraint) {
        for (const CountedClass& counted_class : nodes) {
            const std::string feature = own_feature(*counted_class.node, classes);
            if (feature.empty()) continue;
            NodeOffer one = offer_of_class(*counted_class.node);
            one.constraint = feature;
            one.nodes_available = counted_class.count;
            one.reasons.push_back(reason::ClassChosen{counted_class.node->name, feature});
            offers.push_back(std::move(one));
        }
    }
    for (NodeOffer& offer : offers) {
        offer.reasons.insert(offer.reasons.end(), left_out.begin(), left_out.end());
        apply_limits(offer, partition, manifest);
    }
    return offers;
}

/// Takes out the offers of fewer nodes than a job must take; says so where none is left.
void require_least_nodes(Offers& found) {
    if (found.offers.empty()) return;
    const NodeOffer all = found.offers.front();
    std::erase_if(found.offers,
                  [](const NodeOffer& one) { return one.nodes_allowed < one.nodes_least; });
    if (!found.offers.empty()) return;
    found.refusals.push_back(reason::BelowNodeMinimum{all.nodes_least, all.least_source,
                                                      all.nodes_allowed,
                                                      all.nodes_grantable >= all.nodes_least});
}

}  // namespace

int physical_cores(const NodeOffer& offer) {
    return static_cast<int>(offer.topology.cores.size());
}

Offers find_offers(const Manifest& manifest, const Cluster& cluster, const JobProfile& profile) {
    Offers found;
    std::vector<std::string> known;
    const Partition* chosen = nullptr;
    for (const Partition& partition : cluster.partitions) {
        known.push_back(partition.name);
        const bool wanted = manifest.limits.partition ? partition.name == *manifest.limits.partition
                                                      : partition.is_default;
        if (wanted) chosen = &partition;
    }
    // Without Slurm there are no partitions to choose from, whatever the manifest asks for
    // elsewhere.
    const bool any = !manifest.limits.partition || !cluster.slurm_version;
    if (chosen == nullptr && any && !cluster.partitions.empty())
        chosen = &cluster.partitions.front();
    if (chosen == nullptr) {
        found.refusals.push_back(
            reason::NoSuchPartition{manifest.limits.partition.value_or(""), known});
        return found;
    }
    found.offers = offers_of_partition(manifest, cluster, *chosen, profile);
    require_least_nodes(found);
    const std::optional<Seconds> limit = time_allowed(*chosen, manifest);
    if (cluster.slurm_version && limit && *limit < kLeastTimeLimit) {
        found.offers.clear();
        found.refusals = {reason::TimeLimitBelowMinute{*limit}};
    } else if (found.offers.empty() && found.refusals.empty()) {
        found.refusals.push_back(
            reason::NoNodeMatches{chosen->name, manifest.limits.constraint.value_or("")});
    }
    return found;
}

}  // namespace amorsize
