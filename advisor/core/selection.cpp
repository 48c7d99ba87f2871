#include "advisor/core/selection.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>

#include "advisor/core/strategy.hpp"

namespace amorsize {

namespace {

constexpr double kTimeTolerance = 1.02;
constexpr double kCostTolerance = 1.05;
constexpr std::size_t kRivals = 3;  // of the formula's best, alike in nodes and workers not at all
constexpr std::size_t kNodeCounts = 6;  // whose best the simulation judges besides
constexpr double kWithinReach =
    1.3;  // of the best wall time by the formula: the simulation may see it otherwise
constexpr double kIdleTolerance = 1.005;
constexpr double kWorthFreeing = 0.9;       // of the cores taken
constexpr double kAlignmentPremium = 1.25;  // core hours that keeping to NUMA domains may cost

using Choice = std::vector<const Candidate*>;  // never empty

Choice choice_of(const std::vector<Candidate>& candidates) {
    Choice all;
    for (const Candidate& one : candidates) all.push_back(&one);
    return all;
}

double wall_of(const Candidate* one) {
    return one->wall.value;
}
double core_hours_of(const Candidate* one) {
    return one->core_hours;
}

template <class Value>
const Candidate* least_by(const Choice& candidates, Value value) {
    return *std::min_element(
        candidates.begin(), candidates.end(),
        [&](const Candidate* a, const Candidate* b) { return value(a) < value(b); });
}

/// Those whose figure is within `tolerance` of the least.
template <class Value>
Choice close_to_least(const Choice& candidates, Value value, double tolerance) {
    const double most = value(least_by(candidates, value)) * tolerance;
    Choice near;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(near),
                 [&](const Candidate* one) { return value(one) <= most; });
    return near;
}

std::map<int, Choice> by_node_count(const Choice& candidates) {
    std::map<int, Choice> groups;
    for (const Candidate* one : candidates) groups[one->nodes].push_back(one);
    return groups;
}

const Candidate* cheapest(const Choice& candidates) {
    return least_by(
        close_to_least(candidates, core_hours_of, kCostTolerance),
        [](const Candidate* one) { return std::tuple(one->wall.value, !one->node->aligned); });
}

/// What a plan on more nodes must save to be told apart: what worth_it asks for, and the difference
/// of their starts as far as that was assumed.
Seconds least_gain(const Candidate& fastest, const Candidate& other) {
    const Seconds assumed{std::abs((other.assumed_start - fastest.assumed_start).value)};
    return std::max(kLeastSaving, fastest.wall * kTellApart) + assumed;
}

/// More nodes only for a gain that is sure: of the node counts whose fastest plan is as fast as
/// any, a cheap one.
int worthwhile_nodes(const Choice& candidates) {
    Choice fastest_of_each;
    for (const auto& [nodes, same] : by_node_count(candidates))
        fastest_of_each.push_back(least_by(same, wall_of));
    const Candidate* fastest = least_by(fastest_of_each, wall_of);
    std::erase_if(fastest_of_each, [&](const Candidate* one) {
        return one->nodes > fastest->nodes ||
               one->wall - fastest->wall > least_gain(*fastest, *one);
    });
    return least_by(close_to_least(fastest_of_each, core_hours_of, kCostTolerance), wall_of)->nodes;
}

const Candidate* fastest(Choice candidates) {
    std::erase_if(candidates, [nodes = worthwhile_nodes(candidates)](const Candidate* one) {
        return one->nodes != nodes;
    });
    const Choice near = close_to_least(candidates, wall_of, kTimeTolerance);
    const double dear = core_hours_of(least_by(near, core_hours_of)) * kAlignmentPremium;
    return least_by(near, [&](const Candidate* one) {
        return std::tuple(one->core_hours > dear, !one->node->aligned, one->core_hours);
    });
}

const Candidate* best_of(const Choice& candidates, Goal goal) {
    return goal == Goal::cost ? cheapest(candidates) : fastest(candidates);
}

bool shares_cores(const Candidate* one) {
    return shares_cores_to_the_end(*one->node);
}

/// Those that share cores to the end of the list, or those that do not.
Choice that_share_cores(Choice candidates, bool shared) {
    std::erase_if(candidates,
                  [shared](const Candidate* one) { return shares_cores(one) != shared; });
    return candidates;
}

/// Without the plans that share cores to the end of the list for no sure gain.
Choice without_idle_threads(Choice candidates) {
    const Choice own_cores = that_share_cores(candidates, false);
    if (own_cores.empty()) return candidates;
    const Candidate* best = least_by(own_cores, wall_of);
    std::erase_if(candidates, [&](const Candidate* one) {
        return shares_cores(one) && best->wall - one->wall <= least_gain(*one, *best);
    });
    return candidates;
}

/// Some of the values at even steps, the first and the last among them.
std::vector<int> thinned(const std::vector<int>& values, std::size_t most) {
    if (values.size() <= most) return values;
    std::vector<int> some;
    some.reserve(most);
    for (std::size_t i = 0; i < most; ++i)
        some.push_back(values[i * (values.size() - 1) / (most - 1)]);
    return some;
}

/// The formula's favourites that are no near copies of each other.
Choice rivals(Choice left, Goal goal) {
    Choice best;
    while (best.size() < kRivals && !left.empty()) {
        const Candidate* next = best_of(left, goal);
        best.push_back(next);
        std::erase_if(left, [&](const Candidate* one) {
            const int workers = next->node->workers;
            return one->nodes == next->nodes &&
                   std::abs(one->node->workers - workers) <= workers / 8;
        });
    }
    return best;
}

/// Of several node counts the one that would be taken.
Choice best_of_node_counts(const Choice& candidates, Goal goal) {
    const std::map<int, Choice> groups = by_node_count(candidates);
    std::vector<int> counts;
    counts.reserve(groups.size());
    for (const auto& [nodes, same] : groups) counts.push_back(nodes);
    Choice best;
    for (const int nodes : thinned(counts, kNodeCounts))
        best.push_back(best_of(groups.at(nodes), goal));
    return best;
}

}  // namespace

Seconds serial_time(const Workload& work) {
    return Seconds{static_cast<double>(work.items) * work.mean_seconds} + work.start_up;
}

std::vector<Candidate> all_candidates(const JobCase& job) {
    std::vector<Candidate> candidates;
    for (const NodeOffer& offer : job.offers) {
        std::vector<Candidate> more =
            enumerate_candidates(offer, job.work, costs_of(job.cluster, offer), job.manifest);
        if (candidates.empty()) candidates.reserve(job.offers.size() * more.size());
        std::move(more.begin(), more.end(), std::back_inserter(candidates));
    }
    return candidates;
}

Candidate simulated(const JobCase& job, Candidate candidate) {
    // One worker's items take their sum in any order, so it keeps the formula's time.
    if (candidate.crew.workers == 1) return candidate;
    const MakespanDistribution makespan =
        simulate_makespan(job.work, candidate.crew, job.manifest.risk, job.seed, Effort::ranking);
    const Seconds wall = candidate.start + makespan.mean;
    candidate.core_hours = core_hours(candidate, wall);
    candidate.wall = wall;
    return candidate;
}

const Candidate* select_best(const std::vector<Candidate>& candidates, Goal goal) {
    if (candidates.empty()) return nullptr;
    return best_of(without_idle_threads(choice_of(candidates)), goal);
}

Seconds longest_item(const JobCase& job, const Candidate& candidate) {
    const Workload& work = job.work;
    const double longest = work.distribution_given ? work.mean_seconds
                           : work.ratios.empty()   ? work.seconds.back()
                                                   : work.longest * work.ratios.back();
    return {longest * candidate.crew.slowdown.of_all()};
}

std::vector<Candidate> items_in_time(const JobCase& job, std::vector<Candidate> candidates) {
    std::erase_if(candidates, [&](const Candidate& one) {
        const std::optional<Seconds>& allowed = one.offer->time_allowed;
        return job.work.times_known && allowed && longest_item(job, one) > *allowed;
    });
    return candidates;
}

bool ends_in_time(const Candidate& candidate) {
    return !candidate.offer->time_allowed || candidate.wall <= *candidate.offer->time_allowed;
}

std::vector<Candidate> in_time(const std::vector<Candidate>& candidates) {
    std::vector<Candidate> ending;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(ending), ends_in_time);
    return ending.empty() ? candidates : ending;
}

std::vector<Candidate> shortlist(const JobCase& job, const std::vector<Candidate>& candidates) {
    const Goal goal = job.manifest.goal;
    const auto figure = goal == Goal::cost ? core_hours_of : wall_of;
    Choice ending;
    for (const Candidate& one : candidates) {
        if (ends_in_time(one)) ending.push_back(&one);
    }
    if (ending.empty()) ending = choice_of(candidates);
    const Choice shared = that_share_cores(ending, true);
    const Choice own_cores = that_share_cores(ending, false);
    const Choice near =
        close_to_least(own_cores.empty() ? shared : own_cores, figure, kWithinReach);
    Choice finalists = rivals(near, goal);
    Choice more = best_of_node_counts(near, goal);
    if (!shared.empty()) more.push_back(best_of(shared, goal));
    for (const Candidate* one : more) {
        if (std::find(finalists.begin(), finalists.end(), one) == finalists.end())
            finalists.push_back(one);
    }
    std::vector<Candidate> judged;
    for (const Candidate* one : finalists) judged.push_back(simulated(job, *one));
    return judged;
}

bool worth_it(const Candidate& candidate, Seconds serial) {
    const Seconds saving = serial - candidate.wall;
    return saving >= kLeastSaving && saving >= serial * kTellApart;
}

Candidate drop_idle_workers(const JobCase& job, const Candidate& candidate) {
    const ModelCosts costs = costs_of(job.cluster, *candidate.offer);
    const std::int64_t all = candidate.crew.workers;
    const std::int64_t waves = (job.work.items + all - 1) / all;
    const std::int64_t enough = (job.work.items + waves - 1) / waves;
    const auto per_node = static_cast<int>((enough + candidate.nodes - 1) / candidate.nodes);
    if (per_node >= candidate.node->workers) return candidate;
    const auto place = [&](RankRule rule) {
        return place_workers(*candidate.offer, job.work, job.manifest.headroom, per_node, rule);
    };
    auto layout = candidate.node->ranks.size() > 1 ? place(RankRule::per_domain) : std::nullopt;
    if (!layout) layout = place(RankRule::single);
    if (!layout) return candidate;
    if (layout->cores_taken > candidate.node->cores_taken * kWorthFreeing) return candidate;
    Candidate fewer = make_candidate(*candidate.offer, std::make_shared<const NodeLayout>(*layout),
                                     job.work, costs, job.manifest.mode, candidate.nodes);
    fewer = simulated(job, std::move(fewer));
    const bool as_fast = fewer.wall <= candidate.wall * kIdleTolerance;
    return as_fast && ends_in_time(fewer) == ends_in_time(candidate) ? fewer : candidate;
}

}  // namespace amorsize
