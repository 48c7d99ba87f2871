#include "advisor/core/workload.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "advisor/core/statistics.hpp"
#include "advisor/core/times_by_input.hpp"

namespace amorsize {

namespace {

constexpr int kGivenQuantiles = 64;
constexpr double kAssumedCv = 0.3;       // of an item time given without its spread
constexpr double kSlowdownNoise = 1.05;  // smaller slowdowns are not told apart from noise
constexpr double kStandardErrors = 2;
constexpr double kSameWidth = 0.8;
constexpr std::size_t kMostCompared = 500;  // times on either side; all their pairs are sorted

/// Lognormal quantiles at the middle of equal shares, scaled to keep the mean.
std::vector<double> lognormal_times(double mean_seconds, double cv) {
    const double deviation = std::sqrt(std::log(1 + cv * cv));
    std::vector<double> times;
    times.reserve(kGivenQuantiles);
    for (int i = 0; i < kGivenQuantiles; ++i) {
        times.push_back(std::exp(deviation * normal_quantile((i + 0.5) / kGivenQuantiles)));
    }
    const double scale = mean_seconds / mean(times);
    for (double& time : times) time *= scale;
    return times;
}

/// Ascending; of very many their quantiles at the middle of equal shares.
std::vector<double> logarithms(const std::vector<double>& seconds) {
    std::vector<double> logs;
    logs.reserve(seconds.size());
    for (const double value : seconds) logs.push_back(std::log(std::max(value, 1e-9)));
    std::sort(logs.begin(), logs.end());
    if (logs.size() <= kMostCompared) return logs;
    std::vector<double> some;
    for (std::size_t i = 0; i < kMostCompared; ++i) {
        some.push_back(logs[(2 * i + 1) * logs.size() / (2 * kMostCompared)]);
    }
    return some;
}

/// How far the second lies above the first: the median of all differences (Hodges and Lehmann
/// 1963), and what it is at least, two standard errors of the rank sum (Mann and Whitney 1947)
/// below.
struct Shift {
    double by = 0;
    double at_least = 0;
};

Shift shift_between(const std::vector<double>& low, const std::vector<double>& high) {
    std::vector<double> differences;
    differences.reserve(low.size() * high.size());
    for (const double a : low) {
        for (const double b : high) differences.push_back(b - a);
    }
    const auto pairs = static_cast<double>(differences.size());
    const double error = std::sqrt(pairs * static_cast<double>(low.size() + high.size() + 1) / 12);
    std::sort(differences.begin(), differences.end());
    const double below = std::floor(pairs / 2 - kStandardErrors * error);
    if (below < 0) return {quantile(differences, 0.5), -std::numeric_limits<double>::infinity()};
    return {quantile(differences, 0.5), differences[static_cast<std::size_t>(below)]};
}

/// The item's time less that for which it was ready but others had the cores: on nodes of its own
/// it has one.
double time_with_a_core(const Sample& sample) {
    const double used =
        sample.user.value_or(Seconds{0}).value + sample.system.value_or(Seconds{0}).value;
    const double queued = sample.queued.value_or(Seconds{0}).value;
    return std::max(sample.seconds.value - queued, std::min(used, sample.seconds.value));
}

/// Items that ran side by side, at most `widest` and `company` of them on average.
struct Round {
    int widest = 1;
    double company = 1;
    std::vector<double> seconds;
};

/// Adds items that ran `beside.first` side by side; the company is their sum so far.
void take_in(Round& round, const std::pair<const int, std::vector<double>>& beside) {
    const auto& [width, seconds] = beside;
    round.seconds.insert(round.seconds.end(), seconds.begin(), seconds.end());
    round.company += static_cast<double>(width) * static_cast<double>(seconds.size());
}

/// Items of a round end one after another, so that the long ones had less company than the short:
/// to take the widest alone would be to take the short ones. A round therefore takes in narrower
/// widths until it has as many items as ran side by side, where there are so many; and what is left
/// then is no round of its own if it is fewer.
std::vector<Round> rounds_of(const std::map<int, std::vector<double>>& beside) {
    std::vector<Round> rounds;
    std::size_t left = 0;
    for (const auto& [width, seconds] : beside) left += seconds.size();
    for (auto next = beside.rbegin(); next != beside.rend();) {
        const int widest = next->first;
        const std::size_t whole =
            left >= static_cast<std::size_t>(widest) ? static_cast<std::size_t>(widest) : 0;
        Round round{widest, 0, {}};
        const std::vector<double>& seconds = round.seconds;
        for (;
             next != beside.rend() && (next->first > widest * kSameWidth || seconds.size() < whole);
             ++next) {
            take_in(round, *next);
        }
        left -= seconds.size();
        if (whole > 0 && next != beside.rend() && left < static_cast<std::size_t>(next->first)) {
            for (; next != beside.rend(); ++next) take_in(round, *next);
            left = 0;
        }
        round.company /= static_cast<double>(seconds.size());
        rounds.push_back(std::move(round));
    }
    return rounds;
}

bool ran_beside_others(const Sample& sample) {
    return sample.concurrency > 1 || sample.round > 0;
}

/// Those whose samples say which they ran in, and what can be told of the others; the narrowest
/// first.
std::vector<Round> rounds_of(const std::vector<Sample>& samples) {
    std::map<int, std::map<int, std::vector<double>>> widths_of_round;
    for (const Sample& sample : samples) {
        if (ran_beside_others(sample))
            widths_of_round[sample.round][sample.concurrency].push_back(time_with_a_core(sample));
    }
    std::vector<Round> rounds;
    for (const auto& [number, widths] : widths_of_round) {
        if (number == 0) {
            const std::vector<Round> told = rounds_of(widths);
            rounds.insert(rounds.end(), told.begin(), told.end());
            continue;
        }
        Round& round = rounds.emplace_back(Round{widths.rbegin()->first, 0, {}});
        for (const auto& beside : widths) take_in(round, beside);
        round.company /= static_cast<double>(round.seconds.size());
    }
    std::stable_sort(rounds.begin(), rounds.end(),
                     [](const Round& a, const Round& b) { return a.widest < b.widest; });
    return rounds;
}

/// What rounds tell: the throughput of each, the yield of second threads, and the times of items
/// that ran alone or that nobody slowed but for the clock.
struct Compared {
    std::vector<CoRun> co_runs;
    std::optional<double> smt_yield;
    std::vector<double> times;
};

/// Throughput of two threads on a core over that of one, by a round of which `busy` threads ran at
/// a time, `slower` than alone; nothing where that is not surely below what is known, or hardly any
/// core was shared.
std::optional<double> yield_below(const SharedCores& cores, double busy, const Shift& slower) {
    constexpr double kEnoughShared = 0.25;
    const double second = cores.with_second_thread(busy);
    if (second < kEnoughShared) return std::nullopt;
    const double clock = cores.clock(busy);
    const double known = cores.capacity(busy) * clock;
    if (slower.at_least <= std::log(busy / known)) return std::nullopt;
    const double seen = busy / std::exp(slower.by);
    return std::max(0.0, 1 + (seen / (cores.cores * clock) - 1) / second);
}

/// How much longer items took with others beside them. Different items ran alone and side by side:
/// by ranks, so that a few long items in the larger group are no slowdown, and only where it is
/// beyond the noise of their spread, and beyond the clock. The items of a round, less what it
/// slowed them, are compared with in the next as those are that ran alone. Not those of second
/// threads: the longest of them outlast the company that shared their cores.
Compared compare_rounds(std::vector<double> alone, const std::vector<Round>& rounds,
                        const Workload& work, const SharedCores& cores) {
    Compared found{{}, {}, alone};
    const double demand = core_demand(work);
    for (const Round& round : rounds) {
        const Shift shift = shift_between(logarithms(alone), logarithms(round.seconds));
        const double busy = round.company * demand;
        if (!work.waits && cores.smt_yield > 1 && round.widest * demand > cores.cores) {
            found.smt_yield = yield_below(cores, busy, shift);
            continue;
        }
        const double by_clock = 1 / cores.clock(busy);
        const bool sure = shift.at_least > 0 && shift.by > std::log(by_clock * kSlowdownNoise);
        const double slowdown = sure ? std::exp(shift.by) : by_clock;
        if (sure) {
            const int workers = std::max(2, static_cast<int>(std::lround(round.company)));
            found.co_runs.push_back({workers, workers / slowdown});
        } else {
            found.co_runs.push_back({round.widest, static_cast<double>(round.widest)});
        }
        for (const double seconds : round.seconds) {
            alone.push_back(seconds / slowdown);
            if (!sure) found.times.push_back(alone.back());
        }
    }
    return found;
}

/// Share of an item's time that goes to what all share, if `run.workers` have the throughput of
/// `run`.
double shared_demand(const CoRun& run) {
    const double n = run.workers;
    const double x = std::min(run.throughput, n);
    const double a = (n - 1) / n;
    const double b = a * x * (n - x);
    return std::clamp((std::sqrt(b * b + 4 * a * x * x * (n - x)) - b) / (2 * a * x * x), 0.0, 1.0);
}

/// Throughput of n customers of a closed network: a station that takes `demand` of the unit each,
/// and a delay of the rest. Schweitzer: a newcomer finds (n - 1)/n of the mean queue.
double closed_network(int workers, double demand) {
    const double n = workers;
    if (workers <= 1 || demand <= 0) return n;
    const double a = (n - 1) / n;
    const double square = a * demand * (1 - demand);
    const double linear = 1 + a * n * demand;
    if (square < 1e-12) return n / linear;
    return (linear - std::sqrt(linear * linear - 4 * square * n)) / (2 * square);
}

/// Throughput by what the co-runs show of contention.
double contended(const std::vector<CoRun>& seen, int workers) {
    if (seen.empty()) return workers;
    const CoRun& narrowest = seen.front();
    if (workers <= narrowest.workers) return closed_network(workers, shared_demand(narrowest));
    for (std::size_t i = 1; i < seen.size(); ++i) {
        if (workers > seen[i].workers) continue;
        const double position = static_cast<double>(workers - seen[i - 1].workers) /
                                (seen[i].workers - seen[i - 1].workers);
        return std::lerp(seen[i - 1].throughput, seen[i].throughput, position);
    }
    const CoRun& widest = seen.back();
    // Where a third is lost to the others, or wider was no faster, no more is taken for granted.
    const bool saturated =
        widest.throughput < widest.workers / 1.5 ||
        (seen.size() > 1 && widest.throughput <= seen[seen.size() - 2].throughput);
    return saturated ? widest.throughput : closed_network(workers, shared_demand(widest));
}

/// What an unfinished item is taken to last: the mean of the longer ones seen (its weight
/// redistributed to the right, Efron 1967), or as long as it was seen where none is longer.
double completed(Seconds unfinished, const std::vector<double>& seen) {
    double sum = 0;
    int longer = 0;
    for (const double seconds : seen) {
        if (seconds <= unfinished.value) continue;
        sum += seconds;
        ++longer;
    }
    return longer > 0 ? sum / longer : unfinished.value;
}

/// Items that named a file, as if each had run alone.
std::vector<SizedTime> sized_times(const std::vector<Sample>& samples,
                                   const std::vector<CoRun>& co_runs) {
    std::vector<SizedTime> timed;
    for (const Sample& sample : samples) {
        if (!sample.input) continue;
        const double slower = sample.concurrency / contended(co_runs, sample.concurrency);
        timed.push_back({time_with_a_core(sample) / std::max(1.0, slower), *sample.input});
    }
    return timed;
}

/// Whether these were the items to come, as far as sizes tell.
bool same_inputs(const std::vector<SizedTime>& timed, const std::vector<Bytes>& inputs) {
    constexpr double kSame = 0.05;
    if (timed.size() != inputs.size()) return false;
    double before = 0;
    double now = 0;
    for (const SizedTime& one : timed) before += static_cast<double>(one.input.value);
    for (const Bytes input : inputs) now += static_cast<double>(input.value);
    return std::abs(before - now) <= kSame * now;
}

/// The list took so long already: the line tells what its items may take, not what they take
/// together.
void keep_sum(TimesByInput& by_input, const std::vector<SizedTime>& timed) {
    double took = 0;
    for (const SizedTime& one : timed) took += one.seconds;
    double expected = 0;
    for (const double seconds : by_input.expected) expected += seconds;
    for (double& seconds : by_input.expected) seconds *= took / expected;
    by_input.longest *= took / expected;
}

void follow_input(Workload& work, TimesByInput by_input) {
    work.samples = static_cast<int>(by_input.ratios.size());
    work.seconds = std::move(by_input.expected);
    work.longest = by_input.longest;
    work.ratios = std::move(by_input.ratios);
    if (by_input.largest > by_input.largest_timed)
        work.extrapolated = Extrapolation{by_input.largest, by_input.largest_timed};
}

/// Coefficient of variation of the product of independent quantities.
double of_product(double one, double other) {
    return std::sqrt((1 + one * one) * (1 + other * other) - 1);
}

}  // namespace

double SharedCores::clock(double busy) const {
    return std::lerp(1.0, all_core_speed,
                     std::clamp((busy - 1) / std::max(cores - 1, 1.0), 0.0, 1.0));
}

double SharedCores::with_second_thread(double busy) const {
    return std::clamp((busy - cores) / cores, 0.0, 1.0);
}

double SharedCores::capacity(double busy) const {
    return cores * std::lerp(1.0, smt_yield, with_second_thread(busy));
}

Workload summarize(const Manifest& manifest, const JobProfile& profile,
                   std::optional<WorkerMemory> memory, Seconds dispatch,
                   const SharedCores& sampled_on) {
    Workload work;
    work.items = profile.items;
    work.threads = manifest.resources.threads;
    work.gpus = manifest.resources.gpus;
    work.memory = memory;
    work.per_chunk = dispatch;
    work.start_up = profile.worker_start.value_or(Seconds{0});
    work.starts_each_chunk = manifest.mode == Mode::batch;

    double cpu_seconds = 0;
    double wall_seconds = 0;
    std::vector<double> alone;
    std::vector<Round> rounds = rounds_of(profile.samples);
    for (const Sample& sample : profile.samples) {
        if (!ran_beside_others(sample)) alone.push_back(time_with_a_core(sample));
        if (sample.concurrency <= 1 && sample.user && sample.system) {
            cpu_seconds += sample.user->value + sample.system->value;
            wall_seconds += time_with_a_core(sample);
        }
    }
    if (wall_seconds > 0) work.cpu_share = cpu_seconds / (wall_seconds * work.threads);
    if (manifest.profile.cpu_share) work.cpu_share = manifest.profile.cpu_share->value;
    work.cpu_share = std::clamp(work.cpu_share, 1e-3, 1.0);
    work.waits = work.cpu_share < kWaitingShare;

    if (alone.empty() && !rounds.empty()) {
        // Only co-runs are known: the narrowest stands for one alone.
        alone = std::move(rounds.front().seconds);
        rounds.erase(rounds.begin());
    }
    if (!alone.empty()) {
        Compared found = compare_rounds(std::move(alone), rounds, work, sampled_on);
        if (rounds.empty()) found.co_runs = profile.co_runs;
        work.co_runs = std::move(found.co_runs);
        work.smt_yield_seen = found.smt_yield;
        work.seconds = found.times;
        for (const Seconds unfinished : profile.unfinished)
            work.seconds.push_back(completed(unfinished, found.times));
        work.samples = static_cast<int>(work.seconds.size());
        const bool all_tried = work.samples >= work.items && profile.source != Source::history;
        if (work.samples == 1) work.seconds = lognormal_times(work.seconds.front(), kAssumedCv);
        const std::vector<SizedTime> timed = sized_times(profile.samples, work.co_runs);
        std::optional<TimesByInput> by_input;
        if (!all_tried && profile.unfinished.empty() && profile.largest_input)
            by_input = times_by_input(timed, profile.inputs, *profile.largest_input);
        if (by_input && same_inputs(timed, profile.inputs)) keep_sum(*by_input, timed);
        if (by_input) follow_input(work, std::move(*by_input));
        work.list_known = (all_tried || by_input) && !profile.part_of_list;
    } else if (manifest.profile.seconds) {
        work.seconds = lognormal_times(manifest.profile.seconds->value,
                                       manifest.profile.cv.value_or(kAssumedCv));
        work.distribution_given = true;
    }
    std::sort(work.seconds.begin(), work.seconds.end());
    work.times_known = !work.seconds.empty();
    work.mean_seconds = mean(work.seconds);
    if (work.mean_seconds > 0) work.cv = standard_deviation(work.seconds) / work.mean_seconds;
    if (!work.ratios.empty()) work.cv = of_product(work.cv, standard_deviation(work.ratios));
    return work;
}

int widest_helpful(const Workload& work) {
    int widest = 0;
    double best = 1;
    for (const CoRun& run : work.co_runs) {
        if (run.throughput <= best * kSlowdownNoise) continue;  // a narrow one can be off by chance
        widest = run.workers;
        best = run.throughput;
    }
    return widest;
}

double core_demand(const Workload& work) {
    return (work.waits ? work.cpu_share : 1.0) * work.threads;
}

double node_throughput(const Workload& work, int workers, const SharedCores& shared) {
    const double demand = core_demand(work);
    const double capacity = shared.capacity(workers * demand);
    // Items that wait come to the cores as they please, and queue there for each other.
    const double by_cores = work.waits ? closed_network(workers, std::min(demand / capacity, 1.0))
                                       : std::min<double>(workers, capacity / demand);
    const auto clock = [&](int running) { return shared.clock(running * demand); };
    std::vector<CoRun> seen;  // by the clock of one core alone
    for (const CoRun& run : work.co_runs) {
        const double throughput = run.throughput / clock(run.workers);
        const bool scaled = throughput * kSlowdownNoise >= run.workers;
        seen.push_back({run.workers, scaled ? run.workers : throughput});
    }
    return clock(workers) * std::min(by_cores, contended(seen, workers));
}

}  // namespace amorsize
