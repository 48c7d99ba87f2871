#include "advisor/core/planned_memory.hpp"

#include <algorithm>

#include "advisor/core/memory_of_runs.hpp"
#include "advisor/core/memory_request.hpp"
#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

constexpr double kWorthTelling = 0.9;                   // of the memory without pages in common
constexpr Bytes kRunnerMemory{std::int64_t{64} << 20};  // amorsize-run and slurmstepd, per node

/// What the last run was planned with and ran out of.
std::optional<Bytes> memory_run_out(const PastRuns& past) {
    const bool ran_out =
        past.change == Change::none && past.last().outcome == RunOutcome::out_of_memory;
    return ran_out ? past.last().planned.memory : std::nullopt;
}

bool ever_ran_out(const std::optional<PastRuns>& past) {
    return past && std::any_of(past->runs.begin(), past->runs.end(), [](const FinishedRun& run) {
               return run.outcome == RunOutcome::out_of_memory;
           });
}

/// More than what did not do, as far as a node has it.
void grow(PlannedMemory& planned, const PastRuns& past, Bytes killed_at, Bytes most) {
    const Bytes grown = std::max(killed_at, MemoryOfRuns(past, most).after_kill(killed_at));
    if (planned.per_worker && *planned.per_worker >= grown) return;
    planned.per_worker = grown;
    planned.reasons = {reason::MemoryGrown{grown, killed_at}};
    planned.warnings.clear();
    planned.fact = {"memory per worker", to_text(grown), Source::history, "the last run"};
}

/// What earlier runs took, where that has been the better guide.
void learn_from_runs(PlannedMemory& planned, const PastRuns& past, Bytes most) {
    if (past.change != Change::none) return;
    const MemoryOfRuns memory(past, most);
    if (!memory.to_be_preferred()) return;
    planned.per_worker = std::max(memory.request(), past.tried_peak.value_or(Bytes{}));
    planned.reasons = {reason::MemoryFromRuns{*planned.per_worker, memory.runs(), memory.short_of(),
                                              memory.choice()}};
    planned.warnings.clear();
    planned.fact = {"memory per worker", to_text(*planned.per_worker), Source::history,
                    "learned from " + counted(std::int64_t{memory.runs()}, "earlier run")};
}

/// Of all items, if the sizes of their inputs are known; of those sampled at least.
std::optional<Bytes> largest_input(const JobProfile& profile, const std::vector<Sample>& samples) {
    std::optional<Bytes> largest = profile.largest_input;
    for (const Sample& sample : samples) {
        if (largest && sample.input) largest = std::max(*largest, *sample.input);
    }
    return largest;
}

void explain_request(const MemoryRequest& request, const MemoryGoal& goal, PlannedMemory& planned) {
    if (request.largest_sampled) {
        planned.reasons.push_back(reason::MemoryFollowsInput{
            *planned.per_worker, request.base, *goal.input, request.coverage, request.confidence,
            request.samples, !request.extrapolated});
    } else {
        planned.reasons.push_back(reason::MemoryFromSamples{
            *planned.per_worker, request.coverage, request.confidence, request.method,
            request.samples, request.samples_missing, request.risk});
    }
    if (request.extrapolated) {
        planned.warnings.push_back(
            reason::MemoryExtrapolated{*goal.input, *request.largest_sampled, *planned.per_worker});
    } else if (request.risk > goal.risk) {
        planned.warnings.push_back(
            reason::MemoryRisk{request.risk, goal.risk, request.samples, request.samples_missing});
    }
}

}  // namespace

PlannedMemory plan_memory(const Manifest& manifest, const JobProfile& profile,
                          const std::vector<NodeOffer>& offers) {
    PlannedMemory planned;
    const auto given =
        manifest.resources.memory ? manifest.resources.memory : manifest.profile.peak_memory;
    if (given) {
        planned.per_worker = given;
        planned.reasons.push_back(reason::MemoryGiven{*given});
        planned.fact = {"memory per worker", to_text(*given), Source::given, "the manifest"};
        return planned;
    }
    MemoryGoal goal;
    goal.risk = manifest.risk;
    for (const NodeOffer& offer : offers) {
        goal.most =
            std::max(goal.most.value_or(Bytes{0}), offer.memory * (1 - manifest.headroom.value));
    }
    std::vector<Sample> peaks = profile.samples;
    if (profile.warm_up) peaks.push_back(*profile.warm_up);
    goal.input = largest_input(profile, peaks);
    const auto request = request_memory(peaks, goal);
    if (request) {
        planned.per_worker = request->per_worker;
        if (profile.past && profile.past->tried_peak)
            planned.per_worker = std::max(request->per_worker, *profile.past->tried_peak);
        explain_request(*request, goal, planned);
        planned.fact = {"memory per worker", to_text(*planned.per_worker), profile.source,
                        request->method + ", " + profile.origin};
    } else {
        planned.fact = {"memory per worker", "unknown", Source::assumed,
                        "no sample has a peak; the share of the cores taken is asked for"};
    }
    const bool extrapolated = request && request->extrapolated;
    // Of earlier runs the median input is known, not the largest.
    if (profile.past && goal.most && !extrapolated)
        learn_from_runs(planned, *profile.past, *goal.most);
    if (const auto killed_at = profile.past ? memory_run_out(*profile.past) : std::nullopt) {
        grow(planned, *profile.past, *killed_at, goal.most.value_or(*killed_at));
    } else if (profile.common && planned.per_worker && !ever_ran_out(profile.past)) {
        planned.common = {std::min(profile.common->of_worker, *planned.per_worker),
                          profile.common->at_most};
    }
    return planned;
}

std::optional<WorkerMemory> PlannedMemory::worker() const {
    if (!per_worker) return std::nullopt;
    return WorkerMemory{*per_worker, common};
}

NodeMemory request_node_memory(const Cluster& cluster, const NodeOffer& offer,
                               const NodeLayout& layout, const std::optional<WorkerMemory>& worker,
                               Fraction headroom) {
    NodeMemory memory;
    const double cores = physical_cores(offer);
    const Bytes share =
        offer.whole_nodes ? offer.memory : offer.memory * (layout.cores_taken / cores);
    if (!worker) {
        memory.request = share;
        memory.predicted = Bytes{0};
        memory.reasons.push_back(reason::MemoryUnknown{share});
        return memory;
    }
    const Bytes together = worker->together(layout.workers);
    const Bytes apart = worker->alone * layout.workers;
    memory.predicted = together + kRunnerMemory;
    memory.once = kRunnerMemory;
    if (together < apart) {
        memory.once += worker->common.at_most;
        memory.in_common = worker->common.of_worker;
    }
    if (together < apart * kWorthTelling) {
        memory.reasons.push_back(reason::MemoryInCommon{worker->common.of_worker, worker->alone,
                                                        worker->common.at_most, layout.workers,
                                                        apart - together});
    }
    memory.request = std::min(offer.memory, memory.predicted / (1 - headroom.value));
    if (cluster.slurm_version && share > memory.request) {
        memory.reasons.push_back(reason::MemoryRoundedToShare{memory.request, share});
        memory.request = share;
    }
    return memory;
}

}  // namespace amorsize
