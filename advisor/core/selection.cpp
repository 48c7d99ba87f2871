#include "advisor/core/selection.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <tuple>

namespace amorsize {

namespace {

constexpr double kTimeTolerance = 1.02;
constexpr double kCostTolerance = 1.05;
constexpr std::size_t kShortlist = 3;
constexpr double kIdleTolerance = 1.005;
constexpr double kWorthFreeing = 0.9;       // of the cores taken
constexpr double kAlignmentPremium = 1.25;  // core hours that keeping to NUMA domains may cost
constexpr Fraction kLeastGain{0.05};
constexpr Seconds kLeastSaving{0.05};

template <class Value>
const Candidate* best_within(const std::vector<Candidate>& candidates, double tolerance,
                             Value value, auto tie_order) {
    double best = std::numeric_limits<double>::infinity();
    for (const Candidate& candidate : candidates) best = std::min(best, value(candidate));
    const Candidate* chosen = nullptr;
    for (const Candidate& candidate : candidates) {
        if (value(candidate) > best * tolerance) continue;
        if (chosen == nullptr || tie_order(candidate) < tie_order(*chosen)) chosen = &candidate;
    }
    return chosen;
}

}  // namespace

Seconds serial_time(const Workload& work) {
    return {static_cast<double>(work.items) * work.mean_seconds};
}

Candidate simulated(const JobCase& job, Candidate candidate) {
    const MakespanDistribution makespan =
        simulate_makespan(job.work, candidate.crew, job.manifest.risk, job.seed, Effort::ranking);
    const Seconds wall = candidate.start + makespan.wall.p50;
    candidate.core_hours = core_hours(candidate, wall);
    candidate.wall = wall;
    return candidate;
}

const Candidate* select_best(const std::vector<Candidate>& candidates, Goal goal) {
    const auto wall = [](const Candidate& candidate) { return candidate.wall.value; };
    const auto core_hours = [](const Candidate& candidate) { return candidate.core_hours; };
    if (goal == Goal::cost) {
        return best_within(candidates, kCostTolerance, core_hours, [](const Candidate& candidate) {
            return std::tuple(candidate.wall.value, !candidate.node->aligned);
        });
    }
    double fastest = std::numeric_limits<double>::infinity();
    for (const Candidate& candidate : candidates) fastest = std::min(fastest, wall(candidate));
    std::map<int, double> least;  // core hours, by the number of nodes
    for (const Candidate& candidate : candidates) {
        if (wall(candidate) > fastest * kTimeTolerance) continue;
        double& known = least.try_emplace(candidate.nodes, core_hours(candidate)).first->second;
        known = std::min(known, core_hours(candidate));
    }
    return best_within(candidates, kTimeTolerance, wall, [&](const Candidate& candidate) {
        const bool dear = candidate.core_hours > least.at(candidate.nodes) * kAlignmentPremium;
        return std::tuple(dear, !candidate.node->aligned, candidate.core_hours, candidate.nodes);
    });
}

std::vector<Candidate> shortlist(const JobCase& job, const std::vector<Candidate>& candidates) {
    std::vector<Candidate> best;
    std::vector<Candidate> left = candidates;
    while (best.size() < kShortlist) {
        const Candidate* next = select_best(left, job.manifest.goal);
        if (next == nullptr) break;
        best.push_back(*next);
        const int nodes = next->nodes;
        const int workers = next->node->workers;
        std::erase_if(left, [&](const Candidate& one) {
            return one.nodes == nodes && std::abs(one.node->workers - workers) <= workers / 8;
        });
    }
    for (Candidate& one : best) one = simulated(job, std::move(one));
    return best;
}

bool worth_it(const Candidate& candidate, Seconds serial) {
    const Seconds saving = serial - candidate.wall;
    return saving >= kLeastSaving && saving >= serial * kLeastGain.value;
}

Candidate drop_idle_workers(const JobCase& job, const Candidate& candidate) {
    const ModelCosts costs = costs_of(job.cluster, *candidate.offer);
    const std::int64_t all = candidate.crew.workers;
    const std::int64_t waves = (job.work.items + all - 1) / all;
    const std::int64_t enough = (job.work.items + waves - 1) / waves;
    const auto per_node = static_cast<int>((enough + candidate.nodes - 1) / candidate.nodes);
    const auto layout = place_workers(*candidate.offer, job.work, job.manifest.headroom, per_node,
                                      RankRule::single);
    if (!layout || per_node >= candidate.node->workers) return candidate;
    if (layout->cores_taken > candidate.node->cores_taken * kWorthFreeing) return candidate;
    Candidate fewer = make_candidate(*candidate.offer, std::make_shared<const NodeLayout>(*layout), job.work, costs, job.manifest.mode,
                                     candidate.nodes);
    fewer = simulated(job, std::move(fewer));
    return fewer.wall <= candidate.wall * kIdleTolerance ? fewer : candidate;
}

}  // namespace amorsize
