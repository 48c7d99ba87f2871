#include "advisor/core/comparison.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "advisor/core/mpi_program.hpp"
#include "advisor/core/plan_builder.hpp"
#include "advisor/core/reasons_for.hpp"
#include "advisor/core/selection.hpp"

namespace amorsize {

namespace {

/// Position of the offer, nodes, ranks a node, workers a node; 0 for what a row folds.
using Key = std::tuple<std::ptrdiff_t, int, int, int>;

Key folded(const Key& key, RowOf row) {
    const auto [offer, nodes, ranks, workers] = key;
    switch (row) {
        case RowOf::layout:
            return key;
        case RowOf::ranks:
            return {offer, nodes, ranks, 0};
        case RowOf::nodes:
            return {offer, nodes, 0, 0};
        case RowOf::kind:
            break;
    }
    return {offer, 0, 0, 0};
}

Key key_of(const JobCase& job, const Candidate& one) {
    return {one.offer - job.offers.data(), one.nodes, static_cast<int>(one.node->ranks.size()),
            one.node->workers};
}

/// Of the plan, whose offer is the first.
Key key_of(const Layout& plan) {
    return {0, plan.nodes, plan.ranks_per_node, plan.workers_per_node()};
}

std::string kind_of(const NodeOffer& offer) {
    return offer.classes.size() > 1 ? "any" : offer.node_class;
}

/// The plan's layout lies between the steps of the others where idle workers were left out of it.
void add_if_missing(const JobCase& job, const Layout& plan, std::vector<Candidate>& candidates) {
    const auto [offer, nodes, ranks, workers] = key_of(plan);
    const bool there = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& one) {
        return key_of(job, one) == key_of(plan);
    });
    if (there) return;
    const NodeOffer& node = job.offers.front();
    auto layout = place_workers(node, job.work, job.manifest.headroom, workers,
                                ranks > 1 ? RankRule::per_domain : RankRule::single);
    if (!layout) return;
    candidates.push_back(
        make_candidate(node, std::make_shared<const NodeLayout>(std::move(*layout)), job.work,
                       costs_of(job.cluster, node), job.manifest.mode, nodes));
}

using Groups = std::map<Key, std::vector<Candidate>>;

Groups grouped(const JobCase& job, const std::vector<Candidate>& candidates, RowOf row) {
    Groups groups;
    for (const Candidate& one : candidates) groups[folded(key_of(job, one), row)].push_back(one);
    return groups;
}

void widen(CountRange& range, int count) {
    range.fewest = range.fewest == 0 ? count : std::min(range.fewest, count);
    range.most = std::max(range.most, count);
}

ComparedLayouts row_of(const JobCase& job, const std::vector<Candidate>& layouts,
                       const Plan& plan) {
    ComparedLayouts row;
    row.kind = kind_of(*layouts.front().offer);
    row.layouts = static_cast<std::int64_t>(layouts.size());
    for (const Candidate& one : layouts) {
        widen(row.nodes, one.nodes);
        widen(row.workers_per_node, one.node->workers);
    }
    const bool comparable = job.work.times_known && job.manifest.kind == JobKind::tasks;
    const bool has_plan = std::any_of(layouts.begin(), layouts.end(), [&](const Candidate& one) {
        return key_of(job, one) == key_of(plan.layout);
    });
    if (has_plan) {
        row.best = plan.layout;
        if (comparable) row.wall = plan.predicted.wall.p50;
        row.core_hours = plan.predicted.core_hours;
        return row;
    }
    Candidate best = *select_best(layouts, job.manifest.goal);
    if (comparable) {
        best = simulated(job, std::move(best));
        row.wall = best.wall;
    }
    row.best = layout_of(job, best);
    row.core_hours = best.core_hours;
    row.against = why_not(job, plan.predicted, best);
    return row;
}

}  // namespace

Comparison compare_layouts(const Manifest& manifest, const Cluster& cluster,
                           const JobProfile& profile, const Advice& advice, std::uint64_t seed) {
    Comparison comparison;
    if (!advice.plan) return comparison;
    const Plan& plan = *advice.plan;
    std::vector<NodeOffer> offers = find_offers(manifest, cluster, profile).offers;
    put_planned_first(offers, plan, manifest);
    const JobCase job = gather_case(manifest, cluster, profile, seed, std::move(offers));
    const bool is_program = manifest.kind == JobKind::mpi;
    std::vector<Candidate> candidates = is_program ? program_candidates(job) : all_candidates(job);
    if (!is_program) add_if_missing(job, plan.layout, candidates);
    comparison.layouts = static_cast<std::int64_t>(candidates.size());

    Groups groups;
    for (const RowOf row : {RowOf::layout, RowOf::ranks, RowOf::nodes, RowOf::kind}) {
        comparison.row = row;
        groups = grouped(job, candidates, row);
        if (groups.size() <= Comparison::kMostRows) break;
    }
    for (const auto& [key, layouts] : groups) comparison.rows.push_back(row_of(job, layouts, plan));
    return comparison;
}

}  // namespace amorsize
