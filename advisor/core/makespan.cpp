#include "advisor/core/makespan.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "advisor/core/chunking.hpp"
#include "advisor/core/item_times.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"

namespace amorsize {

namespace {

constexpr double kChunkSeconds = 0.2;
constexpr double kChunkOverheadShare = 0.01;     // of a chunk's time, from which on chunks grow
constexpr std::int64_t kSimulatedWorkers = 512;  // a larger crew is scaled down to this, see below
constexpr std::int64_t kChunksPerWorker = 3;     // simulated at the end of the list

constexpr std::int64_t kRoundsOfChunks[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) {
    return (dividend + divisor - 1) / divisor;
}

/// Replicates of the simulation: as many as this many events allow.
struct Replicates {
    std::int64_t events;
    std::int64_t fewest;
    std::int64_t most;
};
constexpr Replicates kForRanking{8000, 12, 200};
constexpr Replicates kForPrediction{32000, 40, 200};
constexpr std::int64_t kItemsDrawnOneByOne = 8;

/// Phases of the workers are still aligned (waves) when times hardly vary, and random when the
/// spread that has built up over the waves reaches a third of an item.
double share_in_step(double cv, double waves) {
    const double spread = cv * std::sqrt(waves) / 0.3;
    return std::exp(-spread * spread);
}

/// What a chunk costs besides its items.
double chunk_overhead(const Workload& work, const Crew& crew) {
    const double start = work.starts_each_chunk ? work.start_up.value * crew.slowdown.of_all() : 0;
    return work.per_chunk.value + start;
}

/// Expected largest of so many item times drawn from those known, as the simulation draws them: the
/// quantile at Blom's plotting position. No larger than the largest known.
double largest_of(const Workload& work, double draws) {
    if (draws <= 1 || work.seconds.empty()) return work.mean_seconds;
    return std::max(work.mean_seconds, quantile(work.seconds, (draws - 0.375) / (draws + 0.25)));
}

/// Item times one replicate of the simulation draws from.
struct Times {
    std::vector<double> pool;  // ascending, but for what scatters beside the sizes of inputs
    double mean = 0;
    double deviation = 0;
    double longest = 0;                      // of the pool
    std::optional<TimeQuantiles> quantiles;  // of what the pool stands for, for its last share
    double apart = 0;  // of the longest item of a list that is known whole: it is not in the pool

    double draw(Random& random) const { return at(random.uniform()); }
    double largest_of(std::int64_t draws, Random& random) const {
        if (!quantiles) return longest;
        return at(std::pow(random.uniform(), 1 / static_cast<double>(draws)));
    }

private:
    double at(double share) const {
        const auto which = std::min(
            static_cast<std::size_t>(share * static_cast<double>(pool.size())), pool.size() - 1);
        if (!quantiles || which + 1 < pool.size()) return pool[which];
        return quantiles->at(share);
    }
};

/// What was seen to scatter: the times, or what they are beside those that sizes let expect.
const std::vector<double>& observed(const Workload& work) {
    return work.ratios.empty() ? work.seconds : work.ratios;
}

bool times_are_certain(const Workload& work) {
    const bool all_tried = work.list_known && work.ratios.empty();
    return work.distribution_given || all_tried || observed(work).size() < 2;
}

/// Times that take `factor` as long.
Times scaled(std::vector<double> pool, double factor) {
    Times times;
    times.mean = mean(pool) * factor;
    times.deviation = standard_deviation(pool) * factor;
    for (double& value : pool) value *= factor;
    times.longest = *std::max_element(pool.begin(), pool.end());
    times.pool = std::move(pool);
    return times;
}

Times scaled(DrawnTimes drawn, double factor) {
    Times times = scaled(std::move(drawn.times), factor);
    drawn.quantiles.scale(factor);
    times.quantiles = std::move(drawn.quantiles);
    return times;
}

/// A list whose every item's time is known, each taking `factor` as long.
Times of_list(std::vector<double> seconds, double factor) {
    if (seconds.size() < 2) return scaled(std::move(seconds), factor);
    const auto longest = std::max_element(seconds.begin(), seconds.end());
    const double apart = *longest * factor;
    seconds.erase(longest);
    Times times = scaled(std::move(seconds), factor);
    times.apart = apart;
    return times;
}

bool is_whole_list(const Workload& work) {
    return work.list_known && static_cast<std::int64_t>(work.seconds.size()) == work.items;
}

/// The drawn times themselves or, where they are ratios to those that sizes let expect, with these.
Times of_items(const Workload& work, Times drawn, Random& random) {
    if (work.ratios.empty()) return drawn;
    std::vector<double> pool = work.seconds;
    for (double& seconds : pool) seconds *= drawn.draw(random);
    if (is_whole_list(work)) return of_list(std::move(pool), 1);
    Times times = scaled(std::move(pool), 1);
    if (work.list_known) times.longest = std::max(times.longest, work.longest * drawn.draw(random));
    return times;
}

/// A bootstrap of the samples, whose means scatter as they should.
Times resample(const Workload& work, double item_factor, Random& random) {
    if (is_whole_list(work) && work.ratios.empty()) return of_list(work.seconds, item_factor);
    if (times_are_certain(work)) return scaled(work.seconds, item_factor);
    const std::vector<double>& seen = observed(work);
    const std::size_t n = seen.size();
    std::vector<int> copies(n);
    for (std::size_t i = 0; i < n; ++i) ++copies[random.below(n)];
    std::vector<double> pool(n);
    for (auto [i, next] = std::pair(std::size_t{0}, pool.begin()); i < n; ++i)
        next = std::fill_n(next, copies[i], seen[i]);
    const double usual = mean(seen);
    if (usual <= 0) return scaled(std::move(pool), item_factor);
    const double factor = item_factor * std::pow(mean(pool) / usual, widening(n));
    return of_items(work, scaled(std::move(pool), factor), random);
}

/// The sum of many items, and the longest of them.
struct Sum {
    double seconds = 0;
    double longest = 0;
};

/// `unseen`: how many there really are, where these stand for more.
Sum draw_sum(const Times& times, std::int64_t items, std::int64_t unseen, Random& random) {
    const auto count = static_cast<double>(items);
    const double z = normal_quantile(random.uniform());
    Sum sum;
    sum.longest = times.largest_of(unseen, random);
    sum.seconds = std::max(0.0, count * times.mean + std::sqrt(count) * times.deviation * z) +
                  std::max(0.0, sum.longest - times.longest);  // mean and deviation are the pool's
    return sum;
}

double draw_chunk(const Times& times, std::int64_t items, Random& random) {
    if (items > kItemsDrawnOneByOne) return draw_sum(times, items, items, random).seconds;
    double sum = 0;
    for (std::int64_t i = 0; i < items; ++i) sum += times.draw(random);
    return sum;
}

/// The chunks that are simulated one by one, and what comes before them.
struct LastChunks {
    std::vector<std::int64_t> sizes;
    std::int64_t items = 0;  ///< in them
    std::int64_t items_before = 0;
    std::int64_t items_unseen = 0;  ///< of the whole list, where that is not simulated as long
    std::int64_t chunks_before = 0;
    std::int64_t chunk_before = 0;  ///< items of the chunk just before
};

LastChunks last_chunks(const ChunkSequence& chunks, std::int64_t workers) {
    LastChunks last;
    const std::int64_t simulated =
        std::min(chunks.count(), std::max<std::int64_t>(kChunksPerWorker * workers, 64));
    last.chunks_before = chunks.count() - simulated;
    last.items_before = last.chunks_before > 0 ? chunks[last.chunks_before].begin : 0;
    last.chunk_before = last.chunks_before > 0 ? chunks[last.chunks_before - 1].size() : 0;
    for (std::int64_t number = last.chunks_before; number < chunks.count(); ++number) {
        last.sizes.push_back(chunks[number].size());
        last.items += last.sizes.back();
    }
    return last;
}

/// When each worker is free, as a tournament (Knuth, The Art of Computer Programming 3, 5.4.1): a
/// match keeps its loser, so a new time plays only those on the way up from its worker's leaf.
class FreeWorkers {
public:
    explicit FreeWorkers(const std::vector<double>& free_at) : losers_(free_at.size()) {
        const std::size_t workers = free_at.size();
        std::vector<Free> winners(2 * workers);
        for (std::size_t i = 0; i < workers; ++i) winners[workers + i] = {free_at[i], workers + i};
        for (std::size_t match = workers - 1; match > 0; --match) {
            const auto [first, second] = std::minmax(winners[2 * match], winners[2 * match + 1]);
            winners[match] = first;
            losers_[match] = second;
        }
        first_ = winners[1];
    }
    double first() const { return first_.at; }
    std::size_t first_worker() const { return first_.leaf - losers_.size(); }
    std::vector<double> all() const {
        std::vector<double> times = {first_.at};
        for (std::size_t match = 1; match < losers_.size(); ++match)
            times.push_back(losers_[match].at);
        return times;
    }
    /// The first is free again at `time`. Who wins a match is chance, so no branch guesses it.
    void replace_first(double time) {
        std::size_t leaf = first_.leaf;
        for (std::size_t match = leaf / 2; match > 0; match /= 2) {
            Free& loser = losers_[match];
            const std::size_t swapped = (leaf ^ loser.leaf) * std::size_t{loser.at < time};
            leaf ^= swapped;
            loser.leaf ^= swapped;
            const double earlier = std::min(time, loser.at);
            loser.at = std::max(time, loser.at);
            time = earlier;
        }
        first_ = {time, leaf};
    }

private:
    struct Free {
        double at = 0;
        std::size_t leaf = 0;
        bool operator<(const Free& other) const { return at < other.at; }
    };

    std::vector<Free> losers_;  ///< match m is between those who won at 2m and 2m + 1
    Free first_;
};

/// When the last of them ends who had their last chunk at `handed_out` and would be free at these
/// times if the others went on beside them.
double drained(std::vector<double> free_at, double handed_out, const Slowdown& slowdown) {
    std::sort(free_at.begin(), free_at.end());
    const auto all = static_cast<double>(free_at.size());
    double clock = handed_out;
    double end = handed_out;
    for (std::size_t ended = 0; ended < free_at.size(); ++ended) {
        const double left = all - static_cast<double>(ended);
        end += std::max(0.0, free_at[ended] - clock) * slowdown.with(left / all);
        clock = std::max(clock, free_at[ended]);
    }
    return end;
}

/// How long each worker takes over an item, over how long the sampled node does.
struct Paces {
    std::vector<double> of_worker;
    double together = 0;  ///< workers of that node who would do as much

    explicit Paces(std::vector<double> paces) : of_worker(std::move(paces)) {
        for (const double pace : of_worker) together += 1 / pace;
    }
};

Paces alike(std::int64_t workers) {
    return Paces(std::vector<double>(static_cast<std::size_t>(workers), 1.0));
}

Paces draw_paces(const Crew& crew, Random& random) {
    const double spread = crew.node_spread.value;
    const double sampled = spread * normal_quantile(random.uniform());
    const auto nodes = static_cast<std::size_t>(std::min<std::int64_t>(crew.nodes, crew.workers));
    std::vector<double> of_nodes(nodes);
    for (double& pace : of_nodes)
        pace = std::exp(sampled + spread * normal_quantile(random.uniform()));
    std::vector<double> of_workers(static_cast<std::size_t>(crew.workers));
    for (std::size_t i = 0; i < of_workers.size(); ++i) of_workers[i] = of_nodes[i % nodes];
    return Paces(std::move(of_workers));
}

/// The sum of what comes before the last chunks, and the longest of it.
Sum draw_before(const Times& times, const LastChunks& last, bool has_longest, Random& random) {
    if (times.apart <= 0) {
        if (last.items_before > 0)
            return draw_sum(times, last.items_before, last.items_unseen, random);
        return {0, last.items_unseen > 0 ? times.largest_of(last.items_unseen, random) : 0};
    }
    // Of a list that is known the sum is uncertain by what is left of it.
    const double longest = has_longest ? times.apart : 0;
    const auto count = static_cast<double>(last.items_before - (has_longest ? 1 : 0));
    const double left =
        static_cast<double>(last.items) / static_cast<double>(last.items + last.items_before);
    const double z = normal_quantile(random.uniform());
    const double sum = count * times.mean + std::sqrt(count * left) * times.deviation * z;
    return {std::max(0.0, sum) + longest, longest};
}

/// One run of the schedule by workers of these paces. What comes before the last chunks keeps every
/// worker busy, so only its sum matters; the last chunks are handed out one by one to whoever is
/// free first.
double simulate_once(const Times& times, const LastChunks& last, const Paces& paces,
                     double per_chunk, const Slowdown& slowdown, Random& random) {
    const auto items = static_cast<double>(last.items + last.items_before);
    const bool longest_before = random.uniform() * items < static_cast<double>(last.items_before);
    const Sum before = draw_before(times, last, longest_before, random);
    const double bulk =
        (before.seconds + static_cast<double>(last.chunks_before) * per_chunk) / paces.together;
    const double phase = static_cast<double>(last.chunk_before) * times.mean;
    std::vector<double> free_at(paces.of_worker.size());
    for (double& time : free_at) time = std::max(0.0, bulk + (random.uniform() - 0.5) * phase);
    double end = bulk;
    if (free_at.size() > 1 && before.longest > 0) {  // it may outlast all others
        const std::size_t worker = random.below(free_at.size());
        const double finish = random.uniform() * bulk + before.longest * paces.of_worker[worker];
        free_at[worker] = std::max(free_at[worker], finish);
        end = std::max(end, finish);
    }
    FreeWorkers crew(free_at);
    double handed_out = bulk;
    const std::size_t holder =
        times.apart > 0 && !longest_before ? random.below(last.sizes.size()) : last.sizes.size();
    for (std::size_t i = 0; i < last.sizes.size(); ++i) {
        handed_out = crew.first();
        const double work = i == holder ? draw_chunk(times, last.sizes[i] - 1, random) + times.apart
                                        : draw_chunk(times, last.sizes[i], random);
        const double finish = handed_out + per_chunk + work * paces.of_worker[crew.first_worker()];
        crew.replace_first(finish);
        end = std::max(end, finish);
    }
    return slowdown.changes() ? drained(crew.all(), handed_out, slowdown) : end;
}

}  // namespace

double pace_error(const Crew& crew) {
    return crew.node_spread.value * std::sqrt(1 + 1.0 / crew.nodes);
}

Seconds estimate_makespan(const Workload& work, const Crew& crew) {
    const auto items = static_cast<double>(work.items);
    const std::int64_t all = std::min(crew.workers, work.items);
    if (all < 1) return {};
    const auto workers = static_cast<double>(all);
    const ChunkSequence sequence(crew.schedule, work.items, all, crew.chunk);
    const auto chunks = static_cast<double>(sequence.count());
    const double item = work.mean_seconds * crew.slowdown.of_all();
    const double overhead = chunk_overhead(work, crew);
    if (all == 1) return {items * item + chunks * overhead};

    const auto largest_chunk = [&](double size, double draws) {
        return size > 1 ? expected_largest(item * size, work.cv / std::sqrt(size), draws)
                        : largest_of(work, draws) * crew.slowdown.of_all();
    };
    if (chunks <= workers) {
        const auto size = static_cast<double>(sequence[0].size());
        const double share = chunks / workers;
        const double pace = std::lerp(crew.slowdown.down_from(share), crew.slowdown.with(share),
                                      share_in_step(work.cv / std::sqrt(size), 1));
        return {(largest_chunk(size, chunks) + overhead) * pace};
    }
    // Factoring ends with single items, a fixed chunk with whole chunks.
    const double last =
        crew.schedule == Schedule::fixed ? static_cast<double>(sequence[0].size()) : 1;
    const double waves = items / (workers * last);
    const double last_wave = waves - std::ceil(waves) + 1;  // share of the workers that it takes
    const double wave_gap = (crew.slowdown.with(last_wave) - last_wave) * (item * last + overhead);
    const double residual = 0.5 * (1 - 1 / workers) * (largest_chunk(last, workers) + overhead) *
                            crew.slowdown.down_from_all();
    const double in_step = share_in_step(work.cv / std::sqrt(last), waves);
    const double load = (items * item + chunks * overhead) / workers;
    const double longest = largest_of(work, items) * crew.slowdown.of_one() + overhead;
    return {std::max(load + std::lerp(residual, wave_gap, in_step), longest)};
}

MakespanDistribution simulate_makespan(const Workload& work, const Crew& crew, Fraction risk,
                                       std::uint64_t seed, Effort effort) {
    const std::int64_t all_workers = std::min(crew.workers, work.items);
    if (all_workers < 1) return {};
    // A large crew is simulated with fewer workers and as many items each; the formula supplies the
    // difference.
    Workload sized = work;
    Crew small = crew;
    small.workers = std::min(all_workers, kSimulatedWorkers);
    sized.items =
        std::max(small.workers, static_cast<std::int64_t>(static_cast<double>(work.items) *
                                                          static_cast<double>(small.workers) /
                                                          static_cast<double>(all_workers)));
    const Seconds correction = estimate_makespan(work, crew) - estimate_makespan(sized, small);

    LastChunks last = last_chunks(
        ChunkSequence(crew.schedule, sized.items, small.workers, crew.chunk), small.workers);
    last.items_unseen = last.items_before + work.items - sized.items;
    const auto events = static_cast<std::int64_t>(last.sizes.size()) + small.workers;
    const Replicates& wanted = effort == Effort::ranking ? kForRanking : kForPrediction;
    const std::int64_t replicates = std::clamp(wanted.events / events, wanted.fewest, wanted.most);
    const double overhead = chunk_overhead(work, crew);
    // Replicate i draws the same pool of item times for every crew: crews differ by what they are,
    // not by luck.
    const auto ends_with = [&](auto draw_times, auto paces) {
        Random seeds(seed);
        std::vector<double> ends;
        for (std::int64_t i = 0; i < replicates; ++i) {
            Random for_times(seeds.next());
            Random for_schedule(seeds.next());
            const Times times = draw_times(for_times);
            ends.push_back(simulate_once(times, last, paces(for_schedule), overhead, crew.slowdown,
                                         for_schedule));
        }
        std::sort(ends.begin(), ends.end());
        return ends;
    };
    const auto as_sampled = [&](Random& random) {
        return resample(work, crew.slowdown.of_all(), random);
    };
    const auto as_may_be = [&](Random& random) { return draw_paces(small, random); };
    const Paces as_sampled_node = alike(small.workers);
    // What is likely follows the sample as it is; what must be reckoned with lies beyond it too,
    // and on nodes that are not as fast as the sample's.
    const std::vector<double> ends =
        ends_with(as_sampled, [&](const Random&) -> const Paces& { return as_sampled_node; });
    const auto beyond = [&] {
        if (times_are_certain(work)) return ends_with(as_sampled, as_may_be);
        const ItemTimes unseen(observed(work));
        return ends_with(
            [&](Random& random) {
                Times drawn = scaled(unseen.draw(random), crew.slowdown.of_all());
                return of_items(work, std::move(drawn), random);
            },
            as_may_be);
    };
    const bool reckon =
        effort == Effort::prediction && (!times_are_certain(work) || crew.node_spread.value > 0);
    const std::vector<double> reckoned = reckon ? beyond() : ends;
    // The next is beyond the k-th of n with a chance of 1 - k / (n + 1).
    const auto kept_by = [&](const std::vector<double>& sorted, double share) {
        const auto n = static_cast<double>(sorted.size());
        return quantile(sorted, std::clamp(((n + 1) * share - 1) / (n - 1), 0.0, 1.0));
    };
    const auto at = [&](double share) {
        return Seconds{std::max(kept_by(ends, share), kept_by(reckoned, share))} + correction;
    };
    return {{Seconds{quantile(ends, 0.5)} + correction, at(0.95)},
            Seconds{mean(ends)} + correction,
            at(1 - risk.value)};
}

Crew cut_into_chunks(const Workload& work, Crew crew, bool one_size) {
    crew.schedule = one_size ? Schedule::fixed : Schedule::factoring;
    crew.chunk = 1;
    const std::int64_t workers = std::min(crew.workers, work.items);
    if (workers < 1) return crew;
    const double item = std::max(work.mean_seconds * crew.slowdown.of_all(), 1e-9);
    const auto halved = static_cast<double>(divide_up(work.items, 2 * workers));
    const double short_enough = std::clamp(std::floor(kChunkSeconds / item), 1.0, halved);
    crew.chunk = static_cast<std::int64_t>(short_enough);
    if (chunk_overhead(work, crew) <= kChunkOverheadShare * kChunkSeconds) return crew;

    Crew best = crew;
    double least = estimate_makespan(work, best).value;
    const auto consider = [&](Schedule schedule, std::int64_t chunk) {
        Crew other = crew;
        other.schedule = schedule;
        other.chunk = chunk;
        const double wall = estimate_makespan(work, other).value;
        if (wall >= least) return;
        least = wall;
        best = other;
    };
    for (const std::int64_t rounds : kRoundsOfChunks) {
        const std::int64_t chunk = divide_up(work.items, rounds * workers);
        consider(Schedule::fixed, chunk);
        if (!one_size && rounds > 1) consider(Schedule::factoring, chunk);
    }
    return best;
}

}  // namespace amorsize
