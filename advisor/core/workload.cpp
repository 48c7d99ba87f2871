#include "advisor/core/workload.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "advisor/core/statistics.hpp"

namespace amorsize {

namespace {

constexpr int kGivenQuantiles = 64;
constexpr double kAssumedCv = 0.3;       // of an item time given without its spread
constexpr double kSlowdownNoise = 1.05;  // smaller slowdowns are not told apart from noise
constexpr double kStandardErrors = 2;
constexpr double kSameWidth = 0.8;

/// Lognormal quantiles at the middle of equal shares, scaled to keep the mean.
std::vector<double> lognormal_times(double mean_seconds, double cv) {
    const double deviation = std::sqrt(std::log(1 + cv * cv));
    std::vector<double> times;
    for (int i = 0; i < kGivenQuantiles; ++i) {
        times.push_back(std::exp(deviation * normal_quantile((i + 0.5) / kGivenQuantiles)));
    }
    const double scale = mean_seconds / mean(times);
    for (double& time : times) time *= scale;
    return times;
}

struct LogTimes {
    double centre = 0;
    double error = 0;  // standard error of the centre
};

LogTimes log_times(const std::vector<double>& seconds) {
    std::vector<double> logs;
    for (const double value : seconds) logs.push_back(std::log(std::max(value, 1e-9)));
    return {mean(logs), standard_deviation(logs) / std::sqrt(static_cast<double>(logs.size()))};
}

/// How much longer items took with others beside them. Different items ran alone and side by side, so a
/// difference within the noise of their spread counts as none.
CoRun compare(const LogTimes& alone, const std::vector<double>& seconds, int workers) {
    const LogTimes beside = log_times(seconds);
    const double difference = beside.centre - alone.centre;
    const double noise = kStandardErrors * std::hypot(alone.error, beside.error);
    const double slowdown = std::exp(difference);
    const bool as_fast = difference < noise || slowdown < kSlowdownNoise;
    return {workers, as_fast ? workers : workers / slowdown};
}

/// One co-run for each width. The width of a run varies a little while items come and go, so neighbouring
/// widths count as one, the widest.
std::vector<CoRun> compare_co_runs(const std::vector<double>& alone,
                                   const std::map<int, std::vector<double>>& beside) {
    std::vector<CoRun> co_runs;
    const LogTimes base = log_times(alone);
    for (auto widest = beside.rbegin(); widest != beside.rend();) {
        std::vector<double> seconds;
        auto narrower = widest;
        for (; narrower != beside.rend() && narrower->first > widest->first * kSameWidth; ++narrower) {
            seconds.insert(seconds.end(), narrower->second.begin(), narrower->second.end());
        }
        co_runs.push_back(compare(base, seconds, widest->first));
        widest = narrower;
    }
    std::reverse(co_runs.begin(), co_runs.end());
    return co_runs;
}

/// The item's time less that for which it was ready but others had the cores: on nodes of its own it has one.
double time_with_a_core(const Sample& sample) {
    const double used = sample.user.value_or(Seconds{0}).value + sample.system.value_or(Seconds{0}).value;
    const double queued = sample.queued.value_or(Seconds{0}).value;
    return std::max(sample.seconds.value - queued, std::min(used, sample.seconds.value));
}

/// What an unfinished item is taken to last: the mean of the longer ones seen (its weight redistributed to the
/// right, Efron 1967), or as long as it was seen where none is longer.
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

}  // namespace

Workload summarize(const Manifest& manifest, const JobProfile& profile,
                   std::optional<Bytes> memory_per_worker, Seconds dispatch) {
    Workload work;
    work.items = profile.items;
    work.threads = manifest.resources.threads;
    work.gpus = manifest.resources.gpus;
    work.peak_memory = memory_per_worker;
    work.per_chunk = dispatch;
    work.start_up = profile.worker_start.value_or(Seconds{0});
    (manifest.mode == Mode::batch ? work.per_chunk : work.per_worker) += work.start_up;

    double cpu_seconds = 0;
    double wall_seconds = 0;
    std::vector<double> alone;
    std::map<int, std::vector<double>> beside;
    for (const Sample& sample : profile.samples) {
        (sample.concurrency <= 1 ? alone : beside[sample.concurrency]).push_back(time_with_a_core(sample));
        if (sample.concurrency <= 1 && sample.user && sample.system) {
            cpu_seconds += sample.user->value + sample.system->value;
            wall_seconds += time_with_a_core(sample);
        }
    }
    if (alone.empty() && !beside.empty()) {  // only co-runs are known: the narrowest stands for one alone
        alone = beside.begin()->second;
        beside.erase(beside.begin());
    }

    if (!alone.empty()) {
        work.seconds = alone;
        work.co_runs = compare_co_runs(alone, beside);
        for (const Seconds unfinished : profile.unfinished) work.seconds.push_back(completed(unfinished, alone));
        if (work.seconds.size() == 1) work.seconds = lognormal_times(alone.front(), kAssumedCv);
    } else if (manifest.profile.seconds) {
        work.seconds = lognormal_times(manifest.profile.seconds->value,
                                       manifest.profile.cv.value_or(kAssumedCv));
        work.distribution_given = true;
    }
    std::sort(work.seconds.begin(), work.seconds.end());
    work.times_known = !work.seconds.empty();
    work.mean_seconds = mean(work.seconds);
    if (work.mean_seconds > 0) work.cv = standard_deviation(work.seconds) / work.mean_seconds;

    if (wall_seconds > 0) work.cpu_share = cpu_seconds / (wall_seconds * work.threads);
    if (manifest.profile.cpu_share) work.cpu_share = manifest.profile.cpu_share->value;
    work.cpu_share = std::clamp(work.cpu_share, 1e-3, 1.0);
    work.waits = work.cpu_share < kWaitingShare;
    return work;
}

int widest_helpful(const Workload& work) {
    int widest = 0;
    double best = 1;
    for (const CoRun& run : work.co_runs) {
        if (run.throughput <= best * kSlowdownNoise) break;
        widest = run.workers;
        best = run.throughput;
    }
    return widest;
}

double node_throughput(const Workload& work, int workers, double cores) {
    const double demand = work.waits ? work.cpu_share : 1.0;
    const double by_cores = std::min<double>(workers, cores / (demand * work.threads));

    CoRun below{1, 1};
    for (const CoRun& above : work.co_runs) {
        if (workers <= above.workers) {
            const double position = static_cast<double>(workers - below.workers) /
                                    std::max(1, above.workers - below.workers);
            return std::min(by_cores, std::lerp(below.throughput, above.throughput, position));
        }
        below = above;
    }
    const bool scaled = below.throughput * kSlowdownNoise >= below.workers;
    return scaled ? by_cores : std::min(by_cores, below.throughput);
}

}  // namespace amorsize
