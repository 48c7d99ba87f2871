#include "advisor/core/candidate.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace amorsize {

namespace {

// Defaults where nothing was measured; the advice names them as assumed. Slurm's: a step's launch
// on an idle cluster of some years of age. Local: mpirun on one machine.
constexpr LaunchCost kAssumedSlurmLaunch{{0.5}, {0.1}, {0.002}};
constexpr LaunchCost kAssumedLocalLaunch{{0.3}, {0}, {0.01}};
constexpr Seconds kLoneStart{0.02};
constexpr Seconds kAssumedSpawn{0.001};
constexpr Seconds kAssumedDispatch{50e-6};
// Like processors differ in speed by up to 16 % on large machines (Acun, Miller and Kale 2016), as
// thousands of normal values with this standard deviation do, and memory and neighbours add to it.
constexpr Fraction kAssumedNodeSpread{0.05};
constexpr int kWorkerFineness = 5;
constexpr int kNodeFineness = 8;
constexpr int kWholeRounds = 4;

/// Workers beyond the items, where one round takes one more on some of the nodes than on others.
int spared_of(const NodeLayout& node, const Workload& work, Mode mode, int nodes) {
    const std::int64_t too_many = std::int64_t{node.workers} * nodes - work.items;
    const bool some_nodes = too_many > 0 && too_many < nodes && mode != Mode::program;
    return some_nodes ? static_cast<int>(too_many) : 0;
}

std::vector<std::shared_ptr<const NodeLayout>> layouts_with(const NodeOffer& offer,
                                                            const Workload& work, Fraction headroom,
                                                            int workers) {
    std::vector<std::shared_ptr<const NodeLayout>> layouts;
    for (const RankRule rule : {RankRule::per_domain, RankRule::single}) {
        if (auto layout = place_workers(offer, work, headroom, workers, rule)) {
            layouts.push_back(std::make_shared<const NodeLayout>(std::move(*layout)));
        }
    }
    return layouts;
}

/// Workers per node to try on `nodes` nodes: a grid up to the ceiling, one a core, and the counts
/// that finish the items in a few whole rounds. `spare`: some nodes may have one worker less.
std::vector<int> worker_counts(int most, int cores, std::int64_t items, int nodes, bool spare) {
    std::vector<int> counts = counting_grid(1, most, kWorkerFineness);
    if (cores >= 1 && cores <= most) counts.push_back(cores);
    for (std::int64_t rounds = 1; rounds <= kWholeRounds; ++rounds) {
        const std::int64_t slots = rounds * nodes;
        const std::int64_t workers = (items + slots - 1) / slots;
        if (workers <= most) counts.push_back(static_cast<int>(workers));
    }
    std::sort(counts.begin(), counts.end());
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    std::erase_if(counts, [&](int workers) {
        const std::int64_t too_many = static_cast<std::int64_t>(workers) * nodes - items;
        return too_many > 0 && !(spare && workers > 1 && too_many < nodes);
    });
    return counts;
}

/// The launcher's part of a start; none for one worker alone.
Seconds launch_time(const ModelCosts& costs, const NodeLayout& node, int nodes) {
    const int ranks = static_cast<int>(node.ranks.size()) * nodes;
    if (ranks == 1 && (node.workers == 1 || !costs.launches_lone_rank)) return {};
    return costs.launch.base + costs.launch.per_log2_node * std::log2(nodes) +
           costs.launch.per_rank * ranks;
}

}  // namespace

Seconds dispatch_cost(const Cluster& cluster) {
    return cluster.dispatch.value_or(kAssumedDispatch);
}

ModelCosts costs_of(const Cluster& cluster, const NodeOffer& offer) {
    ModelCosts costs;
    costs.launch =
        cluster.launch.value_or(cluster.slurm_version ? kAssumedSlurmLaunch : kAssumedLocalLaunch);
    costs.launch_assumed = !cluster.launch;
    costs.launches_lone_rank = cluster.slurm_version.has_value();
    costs.lone_start = kLoneStart;
    costs.spawn_assumed = !offer.figures.spawn || !offer.figures.spawn->exec;
    costs.spawn = costs.spawn_assumed ? kAssumedSpawn : *offer.figures.spawn->exec;
    costs.node_spread_assumed = cluster.slurm_version && !offer.figures.node_spread;
    costs.node_spread = offer.figures.node_spread.value_or(
        costs.node_spread_assumed ? kAssumedNodeSpread : Fraction{});
    return costs;
}

Seconds start_time(const ModelCosts& costs, const Workload& work, const NodeLayout& node,
                   int nodes) {
    const Seconds launch = costs.lone_start + launch_time(costs, node, nodes);
    int most_workers = 0;
    for (const RankLayout& rank : node.ranks) most_workers = std::max(most_workers, rank.workers);
    const Seconds process =
        work.starts_each_chunk ? Seconds{0} : work.start_up * node.slowdown.of_all();
    return launch + costs.spawn * most_workers + process;
}

Candidate make_candidate(const NodeOffer& offer, std::shared_ptr<const NodeLayout> node,
                         const Workload& work, const ModelCosts& costs, Mode mode, int nodes) {
    Candidate candidate;
    candidate.offer = &offer;
    candidate.nodes = nodes;
    candidate.spared = spared_of(*node, work, mode, nodes);
    Crew crew;
    crew.workers = std::int64_t{node->workers} * nodes - candidate.spared;
    crew.slowdown = node->slowdown;
    crew.nodes = nodes;
    crew.node_spread = costs.node_spread;
    candidate.crew = cut_into_chunks(work, crew, mode == Mode::program);
    candidate.start = start_time(costs, work, *node, nodes);
    if (costs.launch_assumed) candidate.assumed_start = launch_time(costs, *node, nodes);
    candidate.wall = candidate.start + estimate_makespan(work, candidate.crew);
    candidate.node = std::move(node);
    candidate.core_hours = core_hours(candidate, candidate.wall);
    return candidate;
}

double core_hours(const Candidate& candidate, Seconds wall) {
    const auto cores = candidate.offer->whole_nodes ? physical_cores(*candidate.offer)
                                                    : candidate.node->cores_taken;
    return wall.value / 3600 * cores * candidate.nodes;
}

std::size_t fullest_rank(const NodeLayout& node) {
    const auto fullest =
        std::max_element(node.ranks.begin(), node.ranks.end(),
                         [](const auto& a, const auto& b) { return a.workers < b.workers; });
    return static_cast<std::size_t>(fullest - node.ranks.begin());
}

std::vector<int> counting_grid(int least, int most, int fineness) {
    std::vector<int> counts;
    for (int count = least; count < most; count += std::max(1, count / fineness))
        counts.push_back(count);
    if (most >= least) counts.push_back(most);
    return counts;
}

std::vector<Candidate> enumerate_candidates(const NodeOffer& offer, const Workload& work,
                                            const ModelCosts& costs, const Manifest& manifest) {
    const NodeBounds bounds = bounds_of(offer, work, manifest.headroom);
    const auto most = static_cast<int>(std::min<std::int64_t>(bounds.most(), work.items));
    std::map<int, std::vector<std::shared_ptr<const NodeLayout>>> placed;
    const auto layouts_of = [&](int workers) -> const auto& {
        const auto [entry, is_new] = placed.try_emplace(workers);
        if (is_new) entry->second = layouts_with(offer, work, manifest.headroom, workers);
        return entry->second;
    };
    // A program shares its items out itself, and Slurm gives every task as many GPUs.
    const bool spare = manifest.mode != Mode::program && work.gpus == 0;
    std::vector<Candidate> candidates;
    for (const int nodes : counting_grid(offer.nodes_least, offer.nodes_allowed, kNodeFineness)) {
        for (const int workers : worker_counts(most, bounds.by_cores, work.items, nodes, spare)) {
            for (const auto& layout : layouts_of(workers)) {
                const bool too_many = std::int64_t{workers} * nodes > work.items;
                if (too_many && layout->ranks[fullest_rank(*layout)].workers == 1) continue;
                candidates.push_back(
                    make_candidate(offer, layout, work, costs, manifest.mode, nodes));
            }
        }
    }
    return candidates;
}

}  // namespace amorsize
