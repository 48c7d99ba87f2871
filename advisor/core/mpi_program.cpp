#include "advisor/core/mpi_program.hpp"

#include <algorithm>

#include "advisor/core/basis.hpp"
#include "advisor/core/plan_builder.hpp"
#include "advisor/core/reasons_for.hpp"
#include "advisor/core/selection.hpp"

namespace amorsize {

namespace {

int ranks_of_node(const JobCase& job, const NodeOffer& offer) {
    const NodeBounds bounds = bounds_of(offer, job.work, job.manifest.headroom);
    return std::min({bounds.by_cores, bounds.by_memory, bounds.by_gpus});
}

/// Where each rank sits is the launcher's choice: no rank is tied to a NUMA domain.
NodeLayout layout_with(int ranks, int threads) {
    NodeLayout node;
    node.ranks.assign(static_cast<std::size_t>(ranks), RankLayout{{}, 1});
    node.workers = ranks;
    node.cpus_per_rank = threads;
    node.cores_taken = ranks * threads;
    node.aligned = false;
    return node;
}

Candidate program_on(const JobCase& job, const NodeOffer& offer) {
    const ModelCosts costs = costs_of(job.cluster, offer);
    Candidate program =
        make_candidate(offer,
                       std::make_shared<const NodeLayout>(
                           layout_with(ranks_of_node(job, offer), job.work.threads)),
                       job.work, costs, Mode::program,
                       job.manifest.limits.nodes ? offer.nodes_allowed : offer.nodes_least);
    // All ranks work on the one item, for as long as the known runs took.
    program.crew.workers = 1;
    program.crew.slowdown = Slowdown(1 / offer.figures.core_speed.value_or(1.0));
    program.crew.schedule = Schedule::fixed;
    program.crew.chunk = 1;
    program.crew.node_spread = {};  // the runs known had the slowest of their nodes in them
    const Seconds wall =
        program.start + Seconds{job.work.mean_seconds * program.crew.slowdown.of_all()};
    program.core_hours *= wall / program.wall;
    program.wall = wall;
    return program;
}

int ranks_of(const Candidate& program) {
    return program.workers();
}

std::vector<Reason> why_these_ranks(const JobCase& job, const Candidate& program) {
    const NodeOffer& offer = *program.offer;
    const NodeBounds bounds = bounds_of(offer, job.work, job.manifest.headroom);
    const int ranks = program.node->workers;
    const char* bound = ranks == bounds.by_cores    ? "cores"
                        : ranks == bounds.by_memory ? "memory"
                                                    : "GPUs";
    std::vector<Reason> reasons;
    reasons.push_back(
        reason::RanksOfProgram{ranks, job.work.threads, physical_cores(offer), bound});
    if (!job.manifest.limits.nodes && offer.nodes_allowed > program.nodes) {
        reasons.push_back(reason::NodesOfProgram{program.nodes, offer.nodes_allowed});
    }
    reasons.insert(reasons.end(), offer.reasons.begin(), offer.reasons.end());
    for (const ResourceLimit& limit : offer.limits)
        reasons.push_back(reason::UsableLimit{limit.of_memory, limit.allowed, limit.source});
    if (job.work.memory) {
        reasons.push_back(reason::MemoryOfRank{job.work.memory->alone, job.memory.fact.origin,
                                               bounds.by_memory, offer.memory,
                                               job.manifest.headroom});
    }
    return reasons;
}

}  // namespace

std::vector<Candidate> program_candidates(const JobCase& job) {
    std::vector<Candidate> programs;
    for (const NodeOffer& offer : job.offers) {
        if (ranks_of_node(job, offer) >= 1) programs.push_back(program_on(job, offer));
    }
    return programs;
}

Advice advise_mpi_program(const JobCase& job) {
    Advice advice;
    const std::vector<Candidate> programs = program_candidates(job);
    if (programs.empty()) {
        advice.reasons = why_nothing_fits(job);
        return advice;
    }
    const Candidate& widest = *std::max_element(
        programs.begin(), programs.end(),
        [](const Candidate& a, const Candidate& b) { return ranks_of(a) < ranks_of(b); });
    if (items_in_time(job, {widest}).empty()) {
        advice.reasons = {why_too_long(job, {widest})};
        return advice;
    }
    BuiltPlan built = build_plan(job, widest, Fidelity::simulation);
    advice.verdict = ranks_of(widest) > 1 ? Verdict::parallel : Verdict::serial;
    advice.reasons = why_these_ranks(job, widest);
    advice.reasons.insert(advice.reasons.end(), built.reasons.begin(), built.reasons.end());
    advice.warnings = what_to_know(job, widest);
    advice.warnings.push_back(reason::ScalingUnknown{ranks_of(widest), job.work.times_known});
    advice.warnings.insert(advice.warnings.end(), built.warnings.begin(), built.warnings.end());
    advice.plan = std::move(built.plan);
    advice.basis = basis_of(job, widest);
    return advice;
}

}  // namespace amorsize
