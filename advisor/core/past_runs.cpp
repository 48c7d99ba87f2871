#include "advisor/core/past_runs.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

namespace {

constexpr double kLike = 2;  // inputs and times that differ by less are of one scale

/// Keeps the runs that hold; false, and all stay, if none does.
template <class Condition>
bool narrow(std::vector<FinishedRun>& runs, Condition holds) {
    std::vector<FinishedRun> some;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(some), holds);
    if (some.empty()) return false;
    runs = std::move(some);
    return true;
}

/// Inputs now over those then; 1 where either is not known.
double growth_of(const JobInstance& now, const FinishedRun& then) {
    const auto& before = then.instance.input;
    if (!now.input || !before || now.input->value <= 0 || before->value <= 0) return 1;
    return *now.input / *before;
}

bool like(double growth) {
    return growth < kLike && growth > 1 / kLike;
}

/// The last run that has items to tell of.
const FinishedRun* last_whole(const PastRuns& past) {
    const auto found = std::find_if(past.runs.rbegin(), past.runs.rend(),
                                    [](const FinishedRun& run) { return !run.samples.empty(); });
    return found == past.runs.rend() ? nullptr : &*found;
}

}  // namespace

std::optional<PastRuns> recall(const JobInstance& now, std::vector<FinishedRun> runs) {
    if (runs.empty()) return std::nullopt;
    PastRuns past{std::move(runs)};
    past.input = now.input;
    if (!narrow(past.runs, [&](const FinishedRun& run) {
            return run.instance.job.arguments == now.job.arguments;
        })) {
        past.change = Change::arguments;
    } else if (!narrow(past.runs, [&](const FinishedRun& run) {
                   return run.instance.job.binary == now.job.binary;
               })) {
        past.change = Change::program;
    } else if (!narrow(past.runs,
                       [&](const FinishedRun& run) { return like(growth_of(now, run)); })) {
        past.change = Change::input;
        past.growth = growth_of(now, past.last());
    }
    return past;
}

std::optional<Expectation> expected_items(const PastRuns& past) {
    if (past.change != Change::none) return std::nullopt;
    const std::vector<Sample> items = remembered_items(past);
    if (items.empty()) return std::nullopt;
    Expectation expected{items.front().seconds, items.front().seconds, std::nullopt};
    for (const Sample& item : items) {
        expected.shortest = std::min(expected.shortest, item.seconds);
        expected.longest = std::max(expected.longest, item.seconds);
        if (item.peak_rss)
            expected.peak = std::max(expected.peak.value_or(Bytes{}), *item.peak_rss);
    }
    return expected;
}

bool confirms(const Expectation& expected, const std::vector<Sample>& tried) {
    if (tried.size() < kItemsToConfirm) return false;
    double logarithms = 0;
    for (const Sample& sample : tried) {
        logarithms += std::log(std::max(sample.seconds.value, 1e-9));
        if (sample.peak_rss && expected.peak && *sample.peak_rss > *expected.peak * kLike)
            return false;
    }
    const Seconds mean{std::exp(logarithms / static_cast<double>(tried.size()))};
    return mean > expected.shortest / kLike && mean < expected.longest * kLike;
}

std::vector<Sample> remembered_items(const PastRuns& past) {
    const FinishedRun* run = last_whole(past);
    if (run == nullptr) return {};
    std::vector<Sample> items = run->samples;
    for (Sample& item : items) {
        item.seconds = item.seconds / std::max(run->planned.slowdown, 1e-3);
        item.concurrency = 1;
    }
    return items;
}

}  // namespace amorsize
