#include "advisor/core/plan_builder.hpp"

#include <algorithm>
#include <cmath>

#include "advisor/core/chunking.hpp"
#include "advisor/core/pieces.hpp"
#include "advisor/core/selection.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/time_limit.hpp"
#include "advisor/core/time_promise.hpp"

namespace amorsize {

namespace {

constexpr Seconds kTimeLimitWhenUnknown{3600};

constexpr double kGivenTimeError =
    0.1;  // standard error of a mean item time that somebody gave, in its logarithm

constexpr double kNotableExtrapolation = 2;  // input to come over the largest tried

std::vector<RankPlan> rank_plans(const JobCase& job, const Candidate& candidate) {
    const ChunkSequence sequence(candidate.crew.schedule, job.work.items,
                                 std::max<std::int64_t>(candidate.crew.workers, 1),
                                 candidate.crew.chunk);
    const auto share = [&](std::int64_t total, std::int64_t workers_before, int workers) {
        const double all = static_cast<double>(candidate.crew.workers);
        const auto upto = [&](std::int64_t count) {
            return static_cast<std::int64_t>(
                std::floor(static_cast<double>(total) * static_cast<double>(count) / all));
        };
        return upto(workers_before + workers) - upto(workers_before);
    };
    const int full_nodes = candidate.nodes - candidate.spared;
    const std::size_t fullest = fullest_rank(*candidate.node);
    std::vector<RankPlan> ranks;
    std::int64_t before = 0;
    for (int node = 0; node < candidate.nodes; ++node) {
        for (std::size_t i = 0; i < candidate.node->ranks.size(); ++i) {
            const RankLayout& layout = candidate.node->ranks[i];
            RankPlan rank;
            rank.rank = static_cast<int>(ranks.size());
            rank.node_class = candidate.offer->node_class;
            rank.domains = layout.domains;
            rank.workers = layout.workers - (node >= full_nodes && i == fullest ? 1 : 0);
            rank.chunk = candidate.crew.chunk;
            rank.chunks = share(sequence.count(), before, rank.workers);
            rank.items = share(job.work.items, before, rank.workers);
            before += rank.workers;
            ranks.push_back(std::move(rank));
        }
    }
    return ranks;
}

/// Wall time from launch to the end: median, 95 % quantile and the quantile the time limit is set
/// by.
MakespanDistribution wall_times(const JobCase& job, const Candidate& candidate, Fraction risk,
                                Fidelity fidelity) {
    if (fidelity == Fidelity::formula)
        return {{candidate.wall, candidate.wall}, candidate.wall, candidate.wall};
    MakespanDistribution times =
        simulate_makespan(job.work, candidate.crew, risk, job.seed, Effort::prediction);
    times.wall.p50 += candidate.start;
    times.wall.p95 += candidate.start;
    times.at_risk += candidate.start;
    return times;
}

Prediction predict(const JobCase& job, const Candidate& candidate, const WallTime& wall) {
    Prediction predicted;
    predicted.item_times = source_of_times(job);
    predicted.wall = wall;
    const double speed = candidate.offer->figures.core_speed.value_or(1.0);
    predicted.serial = serial_time(job.work) / speed;
    predicted.core_hours = core_hours(candidate, wall.p50);
    // What the ranks of a program do meanwhile is its own affair.
    if (!predicted.item_times || job.manifest.kind == JobKind::mpi) return predicted;
    predicted.speedup = 1;
    if (wall.p50 > Seconds{0}) predicted.speedup = predicted.serial / wall.p50;
    const Seconds in_items = predicted.serial - job.work.start_up / speed;
    const double item_hours =
        in_items.value / 3600 * job.work.threads * (job.work.waits ? job.work.cpu_share : 1.0);
    predicted.busy = Fraction{std::min(1.0, item_hours / std::max(predicted.core_hours, 1e-12))};
    return predicted;
}

Request request_of(const JobCase& job, const Candidate& candidate, Bytes memory, Seconds time) {
    const NodeOffer& offer = *candidate.offer;
    Request request;
    request.nodes = candidate.nodes;
    request.ntasks_per_node = static_cast<int>(candidate.node->ranks.size());
    request.ntasks = request.ntasks_per_node * candidate.nodes;
    request.cpus_per_task = candidate.node->cpus_per_rank;
    request.mem_mib_per_node =
        std::max<std::int64_t>(1, (memory.value + kMiB.value - 1) / kMiB.value);
    request.time_limit = time;
    request.partition =
        job.manifest.limits.partition.value_or(job.cluster.slurm_version ? offer.partition : "");
    request.constraint = job.manifest.limits.constraint.value_or(offer.constraint);
    request.whole_node = offer.whole_nodes;
    if (offer.hardware_threads) request.threads_per_core = candidate.node->threads_per_core;
    request.gpus_per_task = job.work.gpus * candidate.node->ranks.front().workers;
    return request;
}

struct TimeRequest {
    Seconds limit;
    std::optional<Pieces> pieces;
    std::vector<Reason> reasons;
    std::vector<Reason> warnings;
};

/// What a given item time may be too short by, as a share of the prediction: nobody times to the
/// second. The prediction has the nodes' differences in it, which are independent of that.
double slack_of(const JobCase& job, const Crew& crew) {
    if (!job.work.distribution_given) return 0;
    const double of_nodes = pace_error(crew);
    const double further = std::hypot(kGivenTimeError, of_nodes) - of_nodes;
    return std::max(0.0, std::exp(further * normal_quantile(1 - job.manifest.risk.value)) - 1);
}

/// A job array is at most this long where the cluster does not tell (Slurm's default).
constexpr int kMaxArraySize = 1001;

/// The run cut to fit the limit, where Slurm starts the next piece and amorsize-run takes it up.
std::optional<Pieces> pieces_of(const JobCase& job, const Candidate& candidate, Seconds wanted,
                                Seconds limit) {
    const bool resumable =
        job.manifest.kind == JobKind::tasks && job.manifest.mode != Mode::program;
    if (!resumable || !job.cluster.slurm_version) return std::nullopt;
    const int highest_index = job.cluster.max_array_size.value_or(kMaxArraySize) - 1;
    return split_into_pieces(wanted - candidate.start, candidate.start,
                             longest_item(job, candidate), limit, highest_index);
}

/// The limit that the last run of the job ran into.
std::optional<Seconds> time_run_out(const JobCase& job) {
    const auto& past = job.profile.past;
    const bool ran_out =
        past && past->change == Change::none && past->last().outcome == RunOutcome::time_limit;
    return ran_out ? past->last().time_limit : std::nullopt;
}

TimeRequest request_time(const JobCase& job, const Candidate& candidate, Seconds expected,
                         Seconds at_risk, const TimePromise& promise) {
    TimeRequest time;
    const std::optional<Seconds> allowed = candidate.offer->time_allowed;
    if (!job.work.times_known) {
        time.limit = whole_minutes(allowed.value_or(kTimeLimitWhenUnknown), allowed);
        time.reasons.push_back(reason::TimeUnknown{time.limit});
        return time;
    }
    const auto& beyond = job.work.extrapolated;
    if (beyond && beyond->largest >= beyond->largest_tried * kNotableExtrapolation)
        time.warnings.push_back(reason::TimeExtrapolated{beyond->largest, beyond->largest_tried});
    const double slack = slack_of(job, candidate.crew);
    const Seconds predicted = std::min(at_risk * (1 + slack), kMostTimeLimit);
    const auto ran_out_at = time_run_out(job);
    const Seconds wanted = ran_out_at ? std::max(predicted, *ran_out_at * 2) : predicted;
    time.limit = whole_minutes(wanted, allowed);
    const std::string source =
        allowed == job.manifest.limits.time ? "limits.time" : candidate.offer->time_limit_source;
    if (wanted > time.limit) time.pieces = pieces_of(job, candidate, wanted, time.limit);
    if (time.pieces) {
        time.reasons.push_back(reason::SplitIntoPieces{
            wanted, time.limit, time.pieces->most, time.limit - time.pieces->stop_after, source});
    } else if (wanted > time.limit) {
        time.warnings.push_back(reason::TimeLimitCapped{wanted, expected, time.limit, source});
    } else if (wanted > predicted) {
        time.reasons.push_back(reason::TimeGrown{time.limit, *ran_out_at});
    } else {
        time.reasons.push_back(reason::TimeLimitFromPrediction{
            wanted, time.limit, promise.alike, promise.risk(), {slack / (1 + slack)}});
        if (promise.samples_missing > 0) {
            time.warnings.push_back(reason::TimeRisk{promise.risk(), job.manifest.risk,
                                                     promise.unseen, kLeastKind, job.work.samples,
                                                     promise.samples_missing});
        }
    }
    return time;
}

}  // namespace

Layout layout_of(const JobCase& job, const Candidate& candidate) {
    Layout layout;
    layout.nodes = candidate.nodes;
    layout.ranks_per_node = static_cast<int>(candidate.node->ranks.size());
    for (const RankLayout& rank : candidate.node->ranks) {
        layout.workers_per_rank = std::max(layout.workers_per_rank, rank.workers);
    }
    layout.workers = candidate.workers();
    layout.cpus_per_worker = job.work.waits ? 1 : job.work.threads;
    layout.threads_per_core = candidate.node->threads_per_core;
    layout.chunk = candidate.crew.chunk;
    layout.schedule = candidate.crew.schedule;
    return layout;
}

void put_planned_first(std::vector<NodeOffer>& offers, const Plan& plan, const Manifest& manifest) {
    const auto planned = std::find_if(offers.begin(), offers.end(), [&](const NodeOffer& offer) {
        const bool same_grant =
            manifest.limits.constraint || offer.constraint == plan.request.constraint;
        return same_grant && offer.node_class == plan.ranks.front().node_class;
    });
    if (planned != offers.end()) std::rotate(offers.begin(), planned, std::next(planned));
}

BuiltPlan build_plan(const JobCase& job, const Candidate& candidate, Fidelity fidelity) {
    BuiltPlan done;
    const TimePromise promise =
        promise_of_time(job.work.samples, job.work.items, job.manifest.risk);
    const MakespanDistribution times = wall_times(job, candidate, promise.alike, fidelity);
    done.plan.items = {job.memory.per_worker, candidate.crew.slowdown.of_all(), job.work.co_runs};
    done.plan.layout = layout_of(job, candidate);
    done.plan.ranks = rank_plans(job, candidate);
    done.plan.predicted = predict(job, candidate, times.wall);
    NodeMemory memory = request_node_memory(job.cluster, *candidate.offer, *candidate.node,
                                            job.work.memory, job.manifest.headroom);
    TimeRequest time = request_time(job, candidate, times.wall.p50, times.at_risk, promise);
    done.plan.predicted.memory_per_node = memory.predicted;
    done.plan.predicted.memory_once = memory.once;
    done.plan.predicted.memory_in_common = memory.in_common;
    done.plan.request = request_of(job, candidate, memory.request, time.limit);
    done.plan.request.pieces = time.pieces;
    done.reasons = std::move(memory.reasons);
    done.reasons.insert(done.reasons.end(), time.reasons.begin(), time.reasons.end());
    done.warnings = std::move(time.warnings);
    return done;
}

}  // namespace amorsize
