#include "advisor/cli/turnaround.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "advisor/core/advise.hpp"
#include "advisor/core/job_array.hpp"
#include "advisor/core/node_offer.hpp"
#include "advisor/core/reasons_for.hpp"

namespace amorsize::cli {

namespace {

constexpr std::size_t kMostAsked = 6;
constexpr double kWorthChanging = 0.98;  // of the first one's turnaround

Seconds turnaround(const Advice& advice) {
    const Prediction& predicted = advice.plan->predicted;
    return predicted.queue.value_or(Seconds{0}) + predicted.wall.p50;
}

/// Nodes that the plan has at once.
int nodes_of(const Plan& plan) {
    return plan.request.array ? plan.request.array->at_once : plan.layout.nodes;
}

auto request_key(const Plan& plan) {
    const Request& request = plan.request;
    return std::tuple(request.array ? request.array->elements : 0, request.nodes,
                      request.ntasks_per_node, request.cpus_per_task, request.mem_mib_per_node,
                      request.constraint);
}

/// The same job kept to fewer nodes, or to nodes of one feature.
std::vector<Manifest> variants(const Plan& first, const Manifest& manifest, const Cluster& cluster,
                               const JobProfile& profile) {
    std::vector<Manifest> others;
    for (int nodes = first.layout.nodes / 2; nodes >= 1; nodes /= 2) {
        others.push_back(manifest);
        others.back().limits.nodes = nodes;
    }
    for (const NodeOffer& offer : find_offers(manifest, cluster, profile).offers) {
        if (offer.constraint.empty() || offer.constraint == first.request.constraint) continue;
        others.push_back(manifest);
        others.back().limits.constraint = offer.constraint;
    }
    return others;
}

std::vector<Advice> candidates(Advice first, const Manifest& manifest, const Cluster& cluster,
                               const JobProfile& profile, std::uint64_t seed) {
    std::vector<Advice> all;
    const std::vector<Manifest> others = variants(*first.plan, manifest, cluster, profile);
    all.push_back(std::move(first));
    for (const Manifest& other : others) {
        if (all.size() == kMostAsked) break;
        Advice advice = advise(other, cluster, profile, seed);
        if (!advice.plan) continue;
        const bool known = std::any_of(all.begin(), all.end(), [&](const Advice& one) {
            return request_key(*one.plan) == request_key(*advice.plan);
        });
        if (known) continue;
        drop_own_limits(advice.reasons, manifest);
        all.push_back(std::move(advice));
    }
    return all;
}

Reason against(const Advice& other, const Advice& chosen) {
    const Seconds later = turnaround(other) - turnaround(chosen);
    if (later >= Seconds{0}) return reason::Slower{later};
    return reason::NoFaster{later * -1.0,
                            other.plan->predicted.core_hours - chosen.plan->predicted.core_hours};
}

std::vector<Alternative> alternatives(const std::vector<Advice>& asked, const Advice& chosen) {
    std::vector<Alternative> others;
    for (const Advice& advice : asked) {
        if (request_key(*advice.plan) == request_key(*chosen.plan)) continue;
        others.push_back({*advice.plan, against(advice, chosen)});
    }
    return others;
}

reason::QueueCounted reason_for(const Advice& chosen, const Advice* other) {
    reason::QueueCounted reason{
        nodes_of(*chosen.plan), *chosen.plan->predicted.queue, turnaround(chosen), {}, {}, {}};
    if (other != nullptr) {
        reason.other_nodes = nodes_of(*other->plan);
        reason.other_queue = *other->plan->predicted.queue;
        reason.other_turnaround = turnaround(*other);
    }
    return reason;
}

/// Its elements start as nodes become free, as the waits of the jobs asked about tell.
void add_array(std::vector<Advice>& asked, Advice array, const QueueWait& wait_of) {
    const std::optional<Seconds> first = wait_of(array);
    if (!first) return;
    std::map<int, Seconds> waits;
    for (const Advice& job : asked) {
        if (job.plan->request.constraint == array.plan->request.constraint)
            waits[job.plan->layout.nodes] = *job.plan->predicted.queue;
    }
    waits[1] = *first;
    Prediction& predicted = array.plan->predicted;
    predicted.queue = first;
    predicted.wall = wall_as_nodes_free_up(*array.plan->request.array, waits);
    predicted.speedup = predicted.serial / predicted.wall.p50;
    asked.push_back(std::move(array));
}

}  // namespace

Advice soonest_end(Advice first, std::optional<Advice> array, const Manifest& manifest,
                   const Cluster& cluster, const JobProfile& profile, std::uint64_t seed,
                   const QueueWait& wait_of) {
    if (!first.plan) return first;
    first.plan->predicted.queue = wait_of(first);
    const bool comparable = first.plan->predicted.queue && first.plan->predicted.item_times;
    if (!comparable || first.plan->request.array) return first;
    std::vector<Advice> asked = candidates(std::move(first), manifest, cluster, profile, seed);
    for (Advice& advice : asked) {
        if (!advice.plan->predicted.queue) advice.plan->predicted.queue = wait_of(advice);
    }
    std::erase_if(asked, [](const Advice& one) { return !one.plan->predicted.queue; });
    if (array) add_array(asked, std::move(*array), wait_of);
    std::stable_sort(asked.begin() + 1, asked.end(), [](const Advice& a, const Advice& b) {
        return turnaround(a) < turnaround(b);
    });
    const bool change =
        asked.size() > 1 && turnaround(asked[1]) < turnaround(asked[0]) * kWorthChanging;
    Advice chosen = asked[change ? 1 : 0];
    const Advice* other = asked.size() < 2 ? nullptr : &asked[change ? 0 : 1];
    chosen.reasons.insert(chosen.reasons.begin(), reason_for(chosen, other));
    chosen.alternatives = alternatives(asked, chosen);
    return chosen;
}

}  // namespace amorsize::cli
