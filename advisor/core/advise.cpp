#include "advisor/core/advise.hpp"

#include <algorithm>
#include <iterator>

#include "advisor/core/basis.hpp"
#include "advisor/core/mpi_program.hpp"
#include "advisor/core/plan_builder.hpp"
#include "advisor/core/reasons_for.hpp"
#include "advisor/core/selection.hpp"

namespace amorsize {

namespace {

/// One worker on one node, or on each of the nodes that a job must take at least; the runner starts
/// it as it starts any.
Candidate least_parallel(const std::vector<Candidate>& candidates) {
    return *std::min_element(
        candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
            return std::pair(a.crew.workers, a.wall) < std::pair(b.crew.workers, b.wall);
        });
}

/// The same plan on twice the nodes, where nothing but limits.nodes is against it.
std::optional<Candidate> beyond_the_limit(const JobCase& job, const Candidate& chosen) {
    const int nodes = 2 * chosen.nodes;
    const bool limited = job.manifest.limits.nodes && nodes > *job.manifest.limits.nodes;
    if (!limited || nodes > chosen.offer->nodes_grantable || chosen.crew.workers < 2)
        return std::nullopt;
    if (2 * chosen.crew.workers > job.work.items) return std::nullopt;
    return simulated(
        job, make_candidate(*chosen.offer, chosen.node, job.work,
                            costs_of(job.cluster, *chosen.offer), job.manifest.mode, nodes));
}

/// One node, and the counts nearest to half and to twice the chosen one; the most there are where
/// that is less.
std::vector<int> other_node_counts(const std::vector<Candidate>& candidates, int chosen) {
    std::optional<int> fewer;
    std::optional<int> more;
    int most = 0;
    for (const Candidate& one : candidates) {
        if (one.nodes > 1 && 2 * one.nodes <= chosen)
            fewer = std::max(one.nodes, fewer.value_or(0));
        most = std::max(most, one.nodes);
        if (one.nodes >= 2 * chosen) more = std::min(one.nodes, more.value_or(one.nodes));
    }
    std::vector<int> counts;
    if (chosen > 1) counts.push_back(1);
    if (fewer) counts.push_back(*fewer);
    if (more || most > chosen) counts.push_back(more.value_or(most));
    return counts;
}

/// Candidates a reader will ask about: fewer and more nodes, and running serially. Four at most.
std::vector<Candidate> others(const JobCase& job, const std::vector<Candidate>& candidates,
                              const Candidate& chosen) {
    std::vector<Candidate> picked;
    const auto add_best = [&](auto wanted) {
        std::vector<Candidate> those;
        std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(those),
                     [&](const Candidate& one) { return one.crew.workers > 1 && wanted(one); });
        if (const Candidate* best = select_best(those, job.manifest.goal)) {
            picked.push_back(simulated(job, *best));
        }
    };
    if (chosen.crew.workers == 1) {
        add_best([](const Candidate&) { return true; });
        return picked;
    }
    for (const int nodes : other_node_counts(candidates, chosen.nodes)) {
        add_best([nodes](const Candidate& one) { return one.nodes == nodes; });
    }
    const bool wider_granted = !picked.empty() && picked.back().nodes > chosen.nodes;
    const auto wider = wider_granted ? std::nullopt : beyond_the_limit(job, chosen);
    if (wider) picked.push_back(*wider);
    Candidate serial = least_parallel(candidates);
    if (serial.crew.workers == 1) picked.push_back(std::move(serial));
    return picked;
}

Advice infeasible(std::vector<Reason> reasons) {
    Advice advice;
    advice.verdict = Verdict::infeasible;
    advice.reasons = std::move(reasons);
    return advice;
}

template <class Range>
void append(std::vector<Reason>& reasons, Range&& more) {
    reasons.insert(reasons.end(), more.begin(), more.end());
}

}  // namespace

Advice advise(const Manifest& manifest, const Cluster& cluster, const JobProfile& profile,
              std::uint64_t seed) {
    Offers found = find_offers(manifest, cluster, profile);
    if (found.offers.empty()) return infeasible(std::move(found.refusals));
    const JobCase job = gather_case(manifest, cluster, profile, seed, std::move(found.offers));
    if (manifest.kind == JobKind::mpi) return advise_mpi_program(job);
    std::vector<Candidate> fitting = all_candidates(job);
    if (fitting.empty()) return infeasible(why_nothing_fits(job));
    const Reason too_long = why_too_long(job, fitting);
    const std::vector<Candidate> candidates = items_in_time(job, std::move(fitting));
    if (candidates.empty()) return infeasible({too_long});

    const Candidate serial = least_parallel(candidates);
    const std::vector<Candidate> finalists = in_time(shortlist(job, candidates));
    const Candidate* best = select_best(finalists, manifest.goal);
    const bool only_in_parallel =
        serial.crew.workers > 1 || (!ends_in_time(serial) && ends_in_time(*best));
    const bool parallel =
        best->crew.workers > 1 && (only_in_parallel || worth_it(*best, serial.wall));
    Candidate chosen = parallel ? drop_idle_workers(job, *best) : serial;

    Advice advice;
    advice.verdict = parallel ? Verdict::parallel : Verdict::serial;
    BuiltPlan built = build_plan(job, chosen, Fidelity::simulation);
    chosen.wall =
        built.plan.predicted.wall.p50;  // the figure that is printed, for all that is said of it
    chosen.core_hours = built.plan.predicted.core_hours;
    const std::vector<Candidate> alternatives =
        job.work.times_known ? others(job, candidates, chosen) : std::vector<Candidate>{};
    append(advice.reasons, parallel ? why_this_layout(job, alternatives, *best, chosen)
                                    : why_serial(job, alternatives, chosen));
    append(advice.reasons, job.memory.reasons);
    append(advice.reasons, built.reasons);
    append(advice.warnings, what_to_know(job, chosen));
    append(advice.warnings, built.warnings);
    advice.plan = std::move(built.plan);
    for (const Candidate& other : alternatives) {
        advice.alternatives.push_back({build_plan(job, other, Fidelity::formula).plan,
                                       why_not(job, advice.plan->predicted, other)});
    }
    advice.basis = basis_of(job, chosen);
    return advice;
}

}  // namespace amorsize
