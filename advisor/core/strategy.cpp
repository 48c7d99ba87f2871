#include "advisor/core/strategy.hpp"

#include <algorithm>

namespace amorsize {

namespace {

/// What a plan takes of what its user cares for.
struct Taken {
    const Plan* plan = nullptr;
    double time = 0;
    double core_hours = 0;
};

bool beats(const Taken& one, const Taken& other) {
    const bool nowhere_worse = one.time <= other.time && one.core_hours <= other.core_hours;
    return nowhere_worse && (one.time < other.time || one.core_hours < other.core_hours);
}

bool worth_naming_beside(const Taken& chosen, const Taken& other) {
    const double sooner = chosen.time - other.time;
    return sooner > std::max(chosen.time * kTellApart, kLeastSaving.value) ||
           other.core_hours < chosen.core_hours * (1 - kTellApart);
}

double figure_of(const Plan& plan, Goal goal) {
    const Prediction& predicted = plan.predicted;
    return goal == Goal::cost ? predicted.core_hours
                              : (predicted.wall.p50 + predicted.queue.value_or(Seconds{0})).value;
}

std::vector<const Plan*> allowed_plans(const Advice& advice) {
    std::vector<const Plan*> plans;
    if (!advice.plan) return plans;
    plans.push_back(&*advice.plan);
    for (const Alternative& other : advice.alternatives) {
        if (!std::holds_alternative<reason::OverLimit>(other.against)) plans.push_back(&other.plan);
    }
    return plans;
}

}  // namespace

bool clearly_better(const Plan& plan, const Plan& than, Goal goal) {
    return figure_of(plan, goal) < figure_of(than, goal) * (1 - kTellApart);
}

Reason against(Seconds slower, double dearer, Goal goal) {
    if (goal == Goal::cost && dearer > 0) return reason::Dearer{dearer};
    if (slower > Seconds{0}) return reason::Slower{slower};
    return reason::NoFaster{Seconds{0} - slower, dearer};
}

Reason against(const Plan& other, const Plan& taken, Goal goal) {
    return against(other.predicted.wall.p50 - taken.predicted.wall.p50,
                   other.predicted.core_hours - taken.predicted.core_hours, goal);
}

Strategy strategy_of(const Plan& plan) {
    if (plan.request.array) return Strategy::job_array;
    if (plan.layout.nodes > 1) return Strategy::many_nodes;
    const bool alone = plan.layout.workers == 1 && plan.layout.ranks() == 1;
    return alone ? Strategy::serial : Strategy::one_node;
}

std::vector<const Plan*> pareto_set(const Advice& advice) {
    const std::vector<const Plan*> plans = allowed_plans(advice);
    const bool queue_known = std::all_of(plans.begin(), plans.end(), [](const Plan* plan) {
        return plan->predicted.queue.has_value();
    });
    std::vector<Taken> all;
    for (const Plan* plan : plans) {
        const Prediction& predicted = plan->predicted;
        const Seconds wait = queue_known ? *predicted.queue : Seconds{0};
        all.push_back({plan, (predicted.wall.p50 + wait).value, predicted.core_hours});
    }
    std::vector<Taken> best;
    for (const Taken& one : all) {
        const bool chosen = one.plan == plans.front();
        const bool beaten = std::any_of(all.begin() + 1, all.end(),
                                        [&](const Taken& other) { return beats(other, one); });
        if (chosen || (!beaten && worth_naming_beside(all.front(), one))) best.push_back(one);
    }
    std::stable_sort(best.begin(), best.end(),
                     [](const Taken& a, const Taken& b) { return a.time < b.time; });
    std::vector<const Plan*> set;
    set.reserve(best.size());
    for (const Taken& one : best) set.push_back(one.plan);
    return set;
}

}  // namespace amorsize
