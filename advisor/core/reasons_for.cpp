#include "advisor/core/reasons_for.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "advisor/core/chunking.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/selection.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/strategy.hpp"
#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

constexpr int kFewSamples = 10;
constexpr double kAsGoodAsWhole = 0.01;  // what rounding a number of cores down may lose
constexpr double kTrend = 2;
constexpr std::size_t kMostRanked = 100;
constexpr double kShareWorthKeeping = 0.05;  // of the run, taken by a sample that it repeats
constexpr Seconds kNoticed{1};
constexpr double kSureOfTrend = 1.96;  // standard errors: of lists without one, 5 % look like it

void explain_ranks(const JobCase& job, const NodeOffer& offer, const NodeLayout& node,
                   std::vector<Reason>& reasons) {
    const auto ranks = static_cast<int>(node.ranks.size());
    const auto domains = static_cast<int>(offer.topology.domains.size());
    if (ranks > 1)
        reasons.push_back(reason::RanksFollowDomains{ranks, domains, "NUMA domain"});
    else if (domains > 1)
        reasons.push_back(reason::OneRankPerNode{domains, why_single_rank(offer, job.work, node)});
}

/// Cores of a domain that fill its memory bandwidth, as probed; nothing where all of them do not.
std::optional<int> streaming_cores(const NodeOffer& offer) {
    if (!offer.figures.bandwidth_per_numa) return std::nullopt;
    const DomainBandwidth& bandwidth = *offer.figures.bandwidth_per_numa;
    const auto needed = static_cast<int>(std::ceil(bandwidth.saturated / bandwidth.one_core));
    return needed < cores_of_domain(offer.topology, 0) ? std::optional(needed) : std::nullopt;
}

/// Where workers leave cores free because those seen side by side get no more done with them. The
/// cores that saturate are the knee of ECM's roof, `Psat / P1` (Hager et al. 2016).
std::optional<reason::BandwidthSaturates> what_saturates(const JobCase& job, const NodeOffer& offer,
                                                         const NodeLayout& node) {
    const int most = bounds_of(offer, job.work, job.manifest.headroom).most();
    const bool left_free =
        node.workers < most && !job.work.waits && items_hinder_each_other(offer, job.work);
    if (!left_free) return std::nullopt;
    const auto all = place_workers(offer, job.work, job.manifest.headroom, most, RankRule::single);
    const NodeLayout& fullest = all && all->throughput() > node.throughput() ? *all : node;
    const double more = fullest.throughput() / node.throughput() - 1;
    if (more > kTellApart) return std::nullopt;  // fewer for another reason
    const auto knee = static_cast<int>(
        std::ceil(fullest.throughput() * node.slowdown.of_one() * (1 - kAsGoodAsWhole)));
    return reason::BandwidthSaturates{std::clamp(knee, 1, node.workers) * job.work.threads,
                                      physical_cores(offer),
                                      static_cast<int>(offer.topology.domains.size()),
                                      node.workers * job.work.threads,
                                      {more},
                                      job.work.co_runs.back().workers,
                                      streaming_cores(offer)};
}

void explain_workers(const JobCase& job, const NodeOffer& offer, const NodeLayout& node,
                     std::vector<Reason>& reasons) {
    const int cores = physical_cores(offer);
    const NodeBounds bounds = bounds_of(offer, job.work, job.manifest.headroom);
    if (node.workers == bounds.by_gpus) {
        reasons.push_back(reason::GpusLimit{node.workers, offer.gpus, job.work.gpus});
    }
    if (job.work.waits) {
        reasons.push_back(reason::ItemsWait{
            {job.work.cpu_share}, node.workers, node.cores_taken, widest_helpful(job.work)});
    } else if (node.workers == bounds.by_cores && node.threads_per_core == 1) {
        reasons.push_back(reason::OneWorkerPerCore{node.workers, cores, job.work.threads});
    }
    if (!job.work.waits && threads_per_core(offer.topology) > 1) {
        if (node.threads_per_core > 1) {
            reasons.push_back(
                reason::SecondThreadPays{node.second_thread_yield, shares_cores_to_the_end(node)});
        } else if (node.workers == bounds.by_cores) {
            reasons.push_back(reason::SecondThreadRejected{
                second_thread_yield(offer, job.work), items_hinder_each_other(offer, job.work)});
        }
    }
    if (const auto saturated = what_saturates(job, offer, node)) reasons.push_back(*saturated);
    for (const CoRun& run : job.work.co_runs) {
        const double slowdown = run.workers / run.throughput;
        if (slowdown > 1) reasons.push_back(reason::CoRunSlowdown{run.workers, slowdown});
    }
}

void explain_memory_ceiling(const JobCase& job, const NodeOffer& offer, int workers,
                            std::vector<Reason>& reasons) {
    if (!job.work.memory) return;
    const NodeBounds bounds = bounds_of(offer, job.work, job.manifest.headroom);
    const bool binding =
        workers == bounds.by_memory &&
        workers < std::max({bounds.by_cores, bounds.by_waiting, bounds.by_threads});
    reasons.push_back(reason::MemoryCeiling{bounds.by_memory, job.work.memory->alone, offer.memory,
                                            job.manifest.headroom, binding});
}

void explain_nodes(const JobCase& job, const std::vector<Candidate>& alternatives,
                   const Candidate& chosen, std::vector<Reason>& reasons) {
    const Candidate* fewer = nullptr;  // the nearest of each
    const Candidate* more = nullptr;
    for (const Candidate& one : alternatives) {
        const bool granted = one.nodes <= job.manifest.limits.nodes.value_or(one.nodes);
        if (one.crew.workers < 2 || !granted) continue;
        if (one.nodes < chosen.nodes && (fewer == nullptr || one.nodes > fewer->nodes))
            fewer = &one;
        if (one.nodes > chosen.nodes && (more == nullptr || one.nodes < more->nodes)) more = &one;
    }
    if (fewer != nullptr && fewer->wall > chosen.wall) {
        reasons.push_back(
            reason::NodesPayOff{chosen.nodes, chosen.wall, fewer->nodes, fewer->wall});
    }
    if (more != nullptr) {
        reasons.push_back(reason::MoreNodesNotWorthIt{more->nodes, more->wall,
                                                      chosen.wall - more->wall,
                                                      more->core_hours - chosen.core_hours});
    }
    for (const Reason& why : chosen.offer->reasons) {
        const auto* most = std::get_if<reason::NodeLimit>(&why);
        const auto* least = std::get_if<reason::NodeMinimum>(&why);
        const bool held_back = most == nullptr || chosen.nodes == most->limit;
        const bool held_up = least == nullptr || chosen.nodes == least->least;
        if (held_back && held_up) reasons.push_back(why);
    }
}

void explain_chunks(const JobCase& job, const Candidate& chosen, std::vector<Reason>& reasons) {
    if (!job.work.times_known) return;
    const Seconds item{job.work.mean_seconds * chosen.crew.slowdown.of_all()};
    if (chosen.crew.chunk == 1) {
        reasons.push_back(reason::OneItemPerChunk{item});
        return;
    }
    const ChunkSequence sequence(chosen.crew.schedule, job.work.items, chosen.crew.workers,
                                 chosen.crew.chunk);
    reasons.push_back(reason::ChunksBalance{chosen.crew.schedule, sequence[0].size(),
                                            sequence.count(),
                                            item * static_cast<double>(sequence[0].size())});
}

int samples_alone(const JobCase& job) {
    return static_cast<int>(
        std::count_if(job.profile.samples.begin(), job.profile.samples.end(),
                      [](const Sample& sample) { return sample.concurrency <= 1; }));
}

/// How sure it is that times rise or fall along the list: Kendall's S (Mann 1945) in standard
/// errors, of some of very many. Five samples must all rise.
double sureness_of_trend(const std::vector<double>& all) {
    std::vector<double> times;
    const std::size_t step = 1 + all.size() / kMostRanked;
    for (std::size_t i = 0; i < all.size(); i += step) times.push_back(all[i]);
    double rising = 0;
    for (std::size_t later = 1; later < times.size(); ++later) {
        for (std::size_t i = 0; i < later; ++i)
            rising += times[later] > times[i] ? 1 : times[later] < times[i] ? -1 : 0;
    }
    const auto n = static_cast<double>(times.size());
    return (std::abs(rising) - 1) / std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

/// Mean time of the last third of the list over that of the first, from samples in list order; 1
/// where that may be chance.
double trend_of(const JobCase& job) {
    std::vector<double> times;
    for (const Sample& sample : job.profile.samples) {
        if (sample.concurrency <= 1) times.push_back(sample.seconds.value);
    }
    const std::size_t third = times.size() / 3;
    if (third < 1 || sureness_of_trend(times) < kSureOfTrend) return 1;
    const std::span<const double> all(times);
    return mean(all.last(third)) / std::max(mean(all.first(third)), 1e-9);
}

void explain_limits(const NodeOffer& offer, std::vector<Reason>& reasons) {
    for (const ResourceLimit& limit : offer.limits)
        reasons.push_back(reason::UsableLimit{limit.of_memory, limit.allowed, limit.source});
}

/// The widest co-run tried, where workers that wait or slow each other down are planned beyond it.
std::optional<int> untried_beyond(const JobCase& job, const NodeLayout& node) {
    const std::vector<CoRun>& runs = job.work.co_runs;
    if (runs.empty() || node.workers <= runs.back().workers) return std::nullopt;
    const bool slowed = runs.back().throughput < runs.back().workers;
    return job.work.waits || slowed ? std::optional(runs.back().workers) : std::nullopt;
}

}  // namespace

std::vector<Reason> why_nothing_fits(const JobCase& job) {
    std::vector<Reason> reasons;
    const auto add = [&](const Reason& one) {  // a class can be offered alone and among others
        const bool said = std::any_of(reasons.begin(), reasons.end(), [&](const Reason& other) {
            return text(other) == text(one);
        });
        if (!said) reasons.push_back(one);
    };
    for (const NodeOffer& offer : job.offers) {
        const NodeBounds bounds = bounds_of(offer, job.work, job.manifest.headroom);
        if (bounds.by_memory < 1) {
            add(reason::ItemTooLarge{job.work.memory->alone, offer.memory, offer.node_class,
                                     job.manifest.headroom});
        }
        if (bounds.by_cores < 1) {
            add(reason::ThreadsTooMany{job.work.threads, physical_cores(offer), offer.node_class});
        }
        if (bounds.by_gpus < 1) add(reason::GpusMissing{job.work.gpus, offer.gpus});
    }
    const NodeOffer& offer = job.offers.front();
    if (reasons.empty() && job.work.items < offer.nodes_least) {
        reasons.push_back(
            reason::FewerItemsThanNodes{job.work.items, offer.nodes_least, offer.least_source});
    }
    if (reasons.empty()) reasons.push_back(reason::NothingToSplit{job.work.items});
    return reasons;
}

Reason why_too_long(const JobCase& job, const std::vector<Candidate>& candidates) {
    Seconds shortest = longest_item(job, candidates.front());
    for (const Candidate& one : candidates) shortest = std::min(shortest, longest_item(job, one));
    return reason::TimeTooShort{shortest,
                                candidates.front().offer->time_allowed.value_or(Seconds{})};
}

std::vector<Reason> why_this_layout(const JobCase& job, const std::vector<Candidate>& alternatives,
                                    const Candidate& best, const Candidate& chosen) {
    std::vector<Reason> reasons;
    explain_ranks(job, *chosen.offer, *chosen.node, reasons);
    explain_workers(job, *chosen.offer, *chosen.node, reasons);
    if (job.work.items <= chosen.crew.workers) {
        reasons.push_back(
            reason::FewerItemsThanWorkers{job.work.items, static_cast<int>(chosen.crew.workers)});
    } else if (chosen.crew.workers < best.crew.workers) {
        reasons.push_back(reason::FewerWorkersAreEnough{static_cast<int>(chosen.crew.workers),
                                                        static_cast<int>(best.crew.workers)});
    }
    explain_memory_ceiling(job, *chosen.offer, chosen.node->workers, reasons);
    explain_limits(*chosen.offer, reasons);
    explain_nodes(job, alternatives, chosen, reasons);
    explain_chunks(job, chosen, reasons);
    return reasons;
}

std::vector<Reason> why_serial(const JobCase& job, const std::vector<Candidate>& alternatives,
                               const Candidate& serial) {
    std::vector<Reason> reasons;
    const Candidate* parallel = nullptr;
    for (const Candidate& one : alternatives) {
        if (one.crew.workers > 1 && (parallel == nullptr || one.wall < parallel->wall))
            parallel = &one;
    }
    if (parallel != nullptr) {
        reasons.push_back(reason::ParallelTooDear{serial.wall, parallel->wall, parallel->start,
                                                  static_cast<int>(parallel->crew.workers)});
    } else if (job.work.items <= 1) {
        reasons.push_back(reason::NothingToSplit{job.work.items});
    } else {
        const NodeBounds bounds = bounds_of(*serial.offer, job.work, job.manifest.headroom);
        if (bounds.by_gpus == 1)
            reasons.push_back(reason::GpusLimit{1, serial.offer->gpus, job.work.gpus});
        if (bounds.by_cores == 1)
            reasons.push_back(
                reason::OneWorkerPerCore{1, physical_cores(*serial.offer), job.work.threads});
    }
    explain_memory_ceiling(job, *serial.offer, serial.node->workers, reasons);
    explain_limits(*serial.offer, reasons);
    return reasons;
}

Reason why_not(const JobCase& job, const Prediction& taken, const Candidate& other) {
    if (!job.work.times_known || job.manifest.kind == JobKind::mpi) return reason::NoTimeKnown{};
    if (const auto limit = job.manifest.limits.nodes; limit && other.nodes > *limit) {
        return reason::OverLimit{other.nodes, *limit};
    }
    const auto& allowed = other.offer->time_allowed;
    const bool too_late = allowed && std::max(other.wall, longest_item(job, other)) > *allowed;
    if (too_late && taken.wall.p50 <= *allowed) return reason::EndsTooLate{*allowed};
    const Seconds slower = other.wall - taken.wall.p50;
    const double dearer = other.core_hours - taken.core_hours;
    return against(slower, dearer, job.manifest.goal);
}

void drop_own_limits(std::vector<Reason>& reasons, const Manifest& manifest) {
    std::erase_if(reasons, [&](const Reason& reason) {
        const auto* limit = std::get_if<reason::NodeLimit>(&reason);
        return limit != nullptr && limit->source.starts_with("your ") &&
               manifest.limits.nodes != limit->limit;
    });
}

/// The share of the run that its sample took, where keeping what it put out would spare a part
/// worth the mention. A chunk's outputs (mode batch) cannot be told apart.
std::optional<Fraction> repeated_share(const JobCase& job, const Candidate& chosen) {
    const bool could_keep = job.manifest.mode == Mode::exec || job.manifest.mode == Mode::stream;
    if (!could_keep || job.manifest.sample.reuse || job.profile.cost < kNoticed ||
        job.work.items <= 1) {
        return std::nullopt;
    }
    const Fraction share{job.profile.cost / chosen.wall};
    return share.value < kShareWorthKeeping ? std::nullopt : std::optional(share);
}

std::vector<Reason> what_to_know(const JobCase& job, const Candidate& chosen) {
    std::vector<Reason> warnings = job.memory.warnings;
    if (!job.work.times_known) {
        int available = 0;
        for (const NodeOffer& offer : job.offers)
            available = std::max(available, offer.nodes_available);
        warnings.push_back(reason::ItemTimeUnknown{chosen.nodes, available});
    }
    const int samples = samples_alone(job);
    if (samples > 0 && samples < kFewSamples && samples < job.work.items) {
        warnings.push_back(reason::FewSamples{samples, {job.work.cv}});
    }
    if (job.profile.failed > 0) warnings.push_back(reason::ItemsFailedInSample{job.profile.failed});
    if (!job.profile.unfinished.empty()) {
        warnings.push_back(reason::ItemsUnfinished{
            static_cast<int>(job.profile.unfinished.size()),
            *std::max_element(job.profile.unfinished.begin(), job.profile.unfinished.end())});
    }
    if (job.profile.too_little_to_save) {
        warnings.push_back(
            reason::SampleTooDear{job.profile.cost, *job.profile.too_little_to_save});
    }
    if (const auto share = repeated_share(job, chosen)) {
        warnings.push_back(reason::SampleRunAgain{job.profile.cost, *share});
    }
    if (const auto& past = job.profile.past; past && past->change != Change::none) {
        warnings.push_back(reason::HistoryNotUsed{past->change, past->growth,
                                                  static_cast<int>(past->runs.size())});
    }
    if (const double trend = trend_of(job); trend > kTrend || trend < 1 / kTrend) {
        warnings.push_back(reason::SamplesTrend{trend});
    }
    if (!chosen.node->aligned && job.work.memory) {
        const Bytes domain = *std::min_element(chosen.offer->memory_per_domain.begin(),
                                               chosen.offer->memory_per_domain.end());
        if (job.work.memory->alone > domain) {
            warnings.push_back(reason::SpansDomains{job.work.memory->alone, domain});
        }
    }
    if (chosen.offer->jobs_per_core > 1) {
        warnings.push_back(
            reason::CoresShared{chosen.offer->partition, chosen.offer->jobs_per_core});
    }
    if (job.work.waits && job.work.co_runs.empty()) {
        warnings.push_back(
            reason::NotMeasured{"waiting items side by side", "at most 4 workers a core"});
    }
    if (const auto widest = untried_beyond(job, *chosen.node)) {
        warnings.push_back(reason::NotMeasured{
            fmt::format("more than {} items side by side", *widest),
            fmt::format("{} workers a node slow each other down no more than those "
                        "suggest",
                        chosen.node->workers)});
    }
    return warnings;
}

}  // namespace amorsize
