#include "advisor/core/outlook.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "advisor/core/plan_builder.hpp"
#include "advisor/core/selection.hpp"

namespace amorsize {

namespace {

constexpr int kWorkerFineness = 6;
constexpr int kNodeFineness = 6;

/// The best of the layouts with so many workers a node.
std::optional<Candidate> candidate_with(const JobCase& job, int nodes, int workers_per_node) {
    const NodeOffer& offer = job.offers.front();
    std::vector<Candidate> rivals;
    for (const RankRule rule : {RankRule::per_domain, RankRule::single}) {
        auto layout = place_workers(offer, job.work, job.manifest.headroom, workers_per_node, rule);
        if (!layout) continue;
        rivals.push_back(
            make_candidate(offer, std::make_shared<const NodeLayout>(std::move(*layout)), job.work,
                           costs_of(job.cluster, offer), job.manifest.mode, nodes));
    }
    const Candidate* best = select_best(rivals, Goal::time);
    return best == nullptr ? std::nullopt : std::optional(*best);
}

CurvePoint point_of(const JobCase& job, const Candidate& candidate, const Plan& plan) {
    CurvePoint point;
    point.nodes = candidate.nodes;
    point.workers = candidate.workers();
    point.allowed = candidate.nodes <= candidate.offer->nodes_allowed;
    point.memory_per_node = request_node_memory(job.cluster, *candidate.offer, *candidate.node,
                                                job.work.memory, job.manifest.headroom)
                                .predicted;
    const bool is_the_plan = !plan.request.array && plan.layout.nodes == point.nodes &&
                             plan.layout.workers == point.workers;
    if (is_the_plan) {  // the figures that are printed
        point.wall = plan.predicted.wall;
        point.core_hours = plan.predicted.core_hours;
    } else {
        point.wall = simulate_makespan(job.work, candidate.crew, job.manifest.risk, job.seed,
                                       Effort::prediction)
                         .wall;
        point.wall.p50 += candidate.start;
        point.wall.p95 += candidate.start;
        point.core_hours = core_hours(candidate, point.wall.p50);
    }
    const Seconds least{1e-9};
    point.speedup = plan.predicted.serial / std::max(point.wall.p50, least);
    point.speedup_p95 = plan.predicted.serial / std::max(point.wall.p95, least);
    return point;
}

/// Counts to try: a grid from `least` to `most`, with those of `also` that are within it.
std::set<int> counts_between(int least, int most, int fineness, std::initializer_list<int> also) {
    const std::vector<int> grid = counting_grid(least, most, fineness);
    std::set<int> counts(grid.begin(), grid.end());
    std::copy_if(also.begin(), also.end(), std::inserter(counts, counts.end()),
                 [&](int count) { return least <= count && count <= most; });
    return counts;
}

std::vector<CurvePoint> curve_on_one_node(const JobCase& job, const NodeBounds& bounds,
                                          const Plan& plan) {
    const auto most = static_cast<int>(std::min<std::int64_t>(bounds.most(), job.work.items));
    std::vector<CurvePoint> curve;
    if (job.offers.front().nodes_least > 1) return curve;
    for (const int workers :
         counts_between(1, most, kWorkerFineness, {plan.layout.workers_per_node()})) {
        if (const auto candidate = candidate_with(job, 1, workers))
            curve.push_back(point_of(job, *candidate, plan));
    }
    return curve;
}

/// Up to what is allowed, and up to twice a limit of the manifest's, which its owner can change.
std::vector<CurvePoint> curve_on_more_nodes(const JobCase& job, const Plan& plan) {
    const NodeOffer& offer = job.offers.front();
    const int each = plan.layout.workers_per_node();
    const std::int64_t enough = (job.work.items + each - 1) / each;
    const int within_reach = std::min(offer.nodes_grantable, 2 * offer.nodes_allowed);
    const auto most = static_cast<int>(std::min<std::int64_t>(within_reach, enough));
    std::vector<CurvePoint> curve;
    if (plan.layout.workers < 2 || most < 2) return curve;
    for (const int nodes : counts_between(offer.nodes_least, most, kNodeFineness,
                                          {plan.layout.nodes, offer.nodes_allowed})) {
        if (const auto candidate = candidate_with(job, nodes, each))
            curve.push_back(point_of(job, *candidate, plan));
    }
    return curve;
}

}  // namespace

Outlook look_around(const Manifest& manifest, const Cluster& cluster, const JobProfile& profile,
                    const Advice& advice, std::uint64_t seed) {
    Outlook outlook;
    std::vector<NodeOffer> offers = find_offers(manifest, cluster, profile).offers;
    if (offers.empty()) return outlook;
    if (advice.plan) put_planned_first(offers, *advice.plan, manifest);
    const JobCase job = gather_case(manifest, cluster, profile, seed, std::move(offers));
    outlook.nodes = job.offers;
    outlook.bounds = bounds_of(job.offers.front(), job.work, manifest.headroom);
    outlook.memory_per_worker = job.memory.per_worker;
    if (!advice.plan || manifest.kind == JobKind::mpi || !job.work.times_known) return outlook;
    outlook.on_one_node = curve_on_one_node(job, outlook.bounds, *advice.plan);
    if (!advice.plan->request.array) outlook.on_more_nodes = curve_on_more_nodes(job, *advice.plan);
    return outlook;
}

}  // namespace amorsize
