#include "advisor/cli/ways_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/explain.hpp"
#include "advisor/core/strategy.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli {

std::string in_brief(const Plan& plan, const Advice& advice) {
    if (const auto& array = plan.request.array)
        return fmt::format("array of {}, {} at once", array->elements, array->at_once);
    const int threads = advice.plan->layout.cpus_per_worker;
    const bool alike = std::all_of(advice.alternatives.begin(), advice.alternatives.end(),
                                   [threads](const Alternative& other) {
                                       return other.plan.layout.cpus_per_worker == threads;
                                   });
    return fmt::format(
        "{}, {}{}", counted(plan.layout.nodes, "node"), counted(plan.layout.workers, "worker"),
        alike ? "" : fmt::format(" of {}", counted(plan.layout.cpus_per_worker, "thread")));
}

std::vector<Way> ways_of(const Advice& advice) {
    if (!advice.plan || advice.alternatives.empty()) return {};
    const std::vector<const Plan*> unbeaten = pareto_set(advice);
    const auto stands = [&](const Plan& plan) {
        return std::find(unbeaten.begin(), unbeaten.end(), &plan) != unbeaten.end();
    };
    std::vector<Way> ways{{&*advice.plan, true, stands(*advice.plan), false, ""}};
    for (const Alternative& other : advice.alternatives)
        ways.push_back({&other.plan, false, stands(other.plan),
                        std::holds_alternative<reason::OverLimit>(other.against),
                        text(other.against)});
    return ways;
}

std::string trade_off(const Advice& advice) {
    if (!advice.plan || advice.alternatives.empty()) return {};
    std::string sooner;
    std::string cheaper;
    for (const Plan* plan : pareto_set(advice)) {
        if (plan == &*advice.plan) continue;
        const bool costs_less = plan->predicted.core_hours < advice.plan->predicted.core_hours;
        std::string& kind = costs_less ? cheaper : sooner;
        if (kind.empty())
            kind = costs_less ? "cheaper: " : "sooner: ";
        else
            kind += ", or ";
        kind +=
            fmt::format("{} ({}, {})", in_brief(*plan, advice), to_text(plan->predicted.wall.p50),
                        core_hours_text(plan->predicted.core_hours));
    }
    if (sooner.empty() && cheaper.empty())
        return fmt::format("none: nothing compared ends sooner or costs less by more than {}",
                           to_text(Fraction{kTellApart}));
    return sooner + (sooner.empty() || cheaper.empty() ? "" : "; ") + cheaper;
}

}  // namespace amorsize::cli
