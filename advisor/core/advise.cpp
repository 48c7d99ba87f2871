#include "advisor/core/advise.hpp"

#include <algorithm>
#include <iterator>

#include "advisor/core/mpi_program.hpp"
#include "advisor/core/plan_builder.hpp"
#include "advisor/core/reasons_for.hpp"
#include "advisor/core/selection.hpp"

namespace amorsize {

namespace {

constexpr double kAssumedItemSeconds = 1;
constexpr std::size_t kMostAlternatives = 4;

JobCase gather(const Manifest& manifest, const Cluster& cluster, const JobProfile& profile,
               std::uint64_t seed, std::vector<NodeOffer> offers) {
    JobCase job{manifest, cluster, profile, seed, plan_memory(manifest, profile, offers), {}, std::move(offers)};
    job.work =
        summarize(manifest, profile, job.memory.per_worker, dispatch_cost(cluster));
    if (!job.work.times_known) {
        job.work.seconds = {kAssumedItemSeconds};
        job.work.mean_seconds = kAssumedItemSeconds;
    }
    if (manifest.kind == JobKind::mpi) {  // one program; ranks that wait for each other still hold their cores
        job.work.items = 1;
        job.work.waits = false;
        job.work.cpu_share = 1;
    }
    return job;
}

std::vector<Candidate> all_candidates(const JobCase& job) {
    std::vector<Candidate> candidates;
    for (const NodeOffer& offer : job.offers) {
        std::vector<Candidate> more =
            enumerate_candidates(offer, job.work, costs_of(job.cluster, offer), job.manifest);
        std::move(more.begin(), more.end(), std::back_inserter(candidates));
    }
    return candidates;
}

/// One worker on one node, its makespan the sum of the items.
Candidate serial_candidate(const JobCase& job, const std::vector<Candidate>& candidates) {
    const auto lone = std::min_element(
        candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
            return std::pair(a.crew.workers, a.wall) < std::pair(b.crew.workers, b.wall);
        });
    Candidate serial = *lone;
    serial.wall = serial_time(job.work) * serial.crew.item_factor;
    serial.core_hours *= serial.wall / lone->wall;
    return serial;
}

/// The same plan on twice the nodes, where nothing but limits.nodes is against it.
std::optional<Candidate> beyond_the_limit(const JobCase& job, const Candidate& chosen) {
    const int nodes = 2 * chosen.nodes;
    const bool limited = job.manifest.limits.nodes && nodes > *job.manifest.limits.nodes;
    if (!limited || nodes > chosen.offer->nodes_grantable || chosen.crew.workers < 2) return std::nullopt;
    if (2 * chosen.crew.workers > job.work.items) return std::nullopt;
    return simulated(job, make_candidate(*chosen.offer, chosen.node, job.work, costs_of(job.cluster, *chosen.offer),
                                         job.manifest.mode, nodes));
}

/// Candidates a reader will ask about: fewer and more nodes, and running serially.
std::vector<Candidate> others(const JobCase& job, const std::vector<Candidate>& candidates,
                              const Candidate& chosen) {
    std::vector<Candidate> picked;
    const auto add_best_with = [&](int nodes) {
        std::vector<Candidate> same;
        std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(same),
                     [&](const Candidate& one) { return one.nodes == nodes && one.crew.workers > 1; });
        if (const Candidate* best = select_best(same, job.manifest.goal)) {
            picked.push_back(simulated(job, *best));
        }
    };
    if (chosen.nodes > 1 || chosen.crew.workers == 1) add_best_with(1);
    if (chosen.nodes / 2 > 1) add_best_with(chosen.nodes / 2);
    if (chosen.crew.workers > 1) add_best_with(chosen.nodes * 2);
    if (const auto wider = beyond_the_limit(job, chosen)) picked.push_back(*wider);
    if (chosen.crew.workers > 1) picked.push_back(serial_candidate(job, candidates));
    if (picked.size() > kMostAlternatives) picked.resize(kMostAlternatives);
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
    Offers found = find_offers(manifest, cluster);
    if (found.offers.empty()) return infeasible(std::move(found.refusals));
    const JobCase job = gather(manifest, cluster, profile, seed, std::move(found.offers));
    if (manifest.kind == JobKind::mpi) return advise_mpi_program(job);
    const std::vector<Candidate> fitting = all_candidates(job);
    if (fitting.empty()) return infeasible(why_nothing_fits(job));
    const std::vector<Candidate> candidates = items_in_time(job, fitting);
    if (candidates.empty()) return infeasible({why_too_long(job, fitting)});

    const Candidate serial = serial_candidate(job, candidates);
    const std::vector<Candidate> finalists = in_time(shortlist(job, in_time(candidates)));
    const Candidate* best = select_best(finalists, manifest.goal);
    const bool only_in_parallel = !ends_in_time(serial) && ends_in_time(*best);
    const bool parallel = best->crew.workers > 1 && (only_in_parallel || worth_it(*best, serial.wall));
    const Candidate chosen = parallel ? drop_idle_workers(job, *best) : serial;

    Advice advice;
    advice.verdict = parallel ? Verdict::parallel : Verdict::serial;
    BuiltPlan built = build_plan(job, chosen, Fidelity::simulation);
    append(advice.reasons, parallel ? why_this_layout(job, candidates, *best, chosen)
                                    : why_serial(job, candidates, serial));
    append(advice.reasons, job.memory.reasons);
    append(advice.reasons, built.reasons);
    append(advice.warnings, what_to_know(job, chosen));
    append(advice.warnings, built.warnings);
    advice.plan = std::move(built.plan);
    for (const Candidate& other : others(job, candidates, chosen)) {
        advice.alternatives.push_back({build_plan(job, other, Fidelity::formula).plan, why_not(job, chosen, other)});
    }
    advice.basis = basis_of(job, chosen);
    return advice;
}

}  // namespace amorsize
