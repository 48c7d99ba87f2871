#include "advisor/core/candidate.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

namespace {

// Defaults where nothing was measured; the advice names them as assumed. Slurm's: a step's launch on an idle
// cluster of some years of age. Local: mpirun on one machine.
constexpr LaunchCost kAssumedSlurmLaunch{{0.5}, {0.1}, {0.002}};
constexpr LaunchCost kAssumedLocalLaunch{{0.3}, {0}, {0.01}};
constexpr Seconds kLoneStart{0.02};
constexpr Seconds kAssumedSpawn{0.001};
constexpr double kDearChunkSeconds = 0.01;

Crew crew_for(const NodeLayout& node, const Workload& work, Mode mode, int nodes) {
    Crew crew;
    crew.workers = static_cast<std::int64_t>(node.workers) * nodes;
    crew.item_factor = node.workers / std::max(node.throughput, 1e-9);
    // A program takes one chunk size; and where each chunk is dear, single-item chunks at the end are too.
    const bool dear_chunks = work.per_chunk.value > std::max(kDearChunkSeconds, work.mean_seconds);
    crew.schedule = mode == Mode::program || dear_chunks ? Schedule::fixed : Schedule::factoring;
    crew.chunk = choose_chunk(work, crew);
    return crew;
}

}  // namespace

ModelCosts costs_of(const Cluster& cluster, const NodeOffer& offer) {
    ModelCosts costs;
    costs.launch = cluster.launch.value_or(cluster.slurm_version ? kAssumedSlurmLaunch : kAssumedLocalLaunch);
    costs.lone_start = kLoneStart;
    costs.spawn = offer.figures.spawn ? offer.figures.spawn->exec : kAssumedSpawn;
    return costs;
}

Seconds start_time(const ModelCosts& costs, const Workload& work, const NodeLayout& node, int nodes) {
    const auto ranks = static_cast<int>(node.ranks.size()) * nodes;
    Seconds launch = costs.lone_start;
    if (ranks > 1) {
        launch += costs.launch.base + costs.launch.per_log2_node * std::log2(nodes) +
                  costs.launch.per_rank * ranks;
    }
    int most_workers = 0;
    for (const RankLayout& rank : node.ranks) most_workers = std::max(most_workers, rank.workers);
    return launch + costs.spawn * most_workers + work.per_worker;
}

Candidate make_candidate(const NodeOffer& offer, const NodeLayout& node, const Workload& work,
                         const ModelCosts& costs, Mode mode, int nodes) {
    Candidate candidate;
    candidate.offer = &offer;
    candidate.node = node;
    candidate.nodes = nodes;
    candidate.crew = crew_for(node, work, mode, nodes);
    candidate.start = start_time(costs, work, node, nodes);
    candidate.wall = candidate.start + estimate_makespan(work, candidate.crew);
    const auto cores = offer.whole_nodes ? static_cast<int>(offer.topology.cores.size()) : node.cores_taken;
    candidate.core_hours = candidate.wall.value / 3600 * cores * nodes;
    return candidate;
}

std::vector<int> counting_grid(int most) {
    std::vector<int> counts;
    for (int count = 1; count < most; count += std::max(1, count / 8)) counts.push_back(count);
    if (most >= 1) counts.push_back(most);
    return counts;
}

std::vector<Candidate> enumerate_candidates(const NodeOffer& offer, const Workload& work,
                                            const ModelCosts& costs, const Manifest& manifest) {
    const int most_workers =
        static_cast<int>(std::min<std::int64_t>(bounds_of(offer, work, manifest.headroom).most(), work.items));
    std::vector<NodeLayout> layouts;
    for (const int workers : counting_grid(most_workers)) {
        for (const RankRule rule : {RankRule::per_domain, RankRule::single}) {
            if (auto layout = place_workers(offer, work, manifest.headroom, workers, rule)) {
                layouts.push_back(std::move(*layout));
            }
        }
    }
    std::vector<Candidate> candidates;
    for (const int nodes : counting_grid(offer.nodes_allowed)) {
        for (const NodeLayout& layout : layouts) {
            if (static_cast<std::int64_t>(layout.workers) * nodes > work.items) continue;
            candidates.push_back(make_candidate(offer, layout, work, costs, manifest.mode, nodes));
        }
    }
    return candidates;
}

}  // namespace amorsize
