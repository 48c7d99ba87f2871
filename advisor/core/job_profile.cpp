#include "advisor/core/job_profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/statistics.hpp"
#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

double mean_seconds(const std::vector<Sample>& samples) {
    std::vector<double> seconds;
    seconds.reserve(samples.size());
    for (const Sample& sample : samples) seconds.push_back(sample.seconds.value);
    return mean(seconds);
}

/// The items tried as the history is to expect them: a first item that was slowed is taken to last
/// as long as the longest other, those of a long-lived worker count with their mean, because the
/// answer after one that is read late looks short, and one item counts twice where a second was not
/// worth its cost.
std::vector<Sample> to_compare(const JobProfile& tried) {
    std::vector<Sample> items = tried.samples;
    if (items.empty()) return items;
    if (tried.warm_up) {
        const auto shorter = [](const Sample& a, const Sample& b) { return a.seconds < b.seconds; };
        const Seconds longest = std::max_element(items.begin(), items.end(), shorter)->seconds;
        items.push_back(*tried.warm_up);
        items.back().seconds = longest;
    }
    if (tried.worker_start) {
        const Seconds usual{mean_seconds(items)};
        for (Sample& item : items) item.seconds = usual;
    }
    while (items.size() < kItemsToConfirm) items.push_back(items.front());
    return items;
}

}  // namespace

JobProfile with_past(JobProfile tried, PastRuns past) {
    const auto expected = expected_items(past);
    const std::vector<Sample> items = to_compare(tried);
    if (expected && confirms(*expected, items)) {
        for (const Sample& sample : items) {
            if (sample.peak_rss)
                past.tried_peak = std::max(past.tried_peak.value_or(Bytes{}), *sample.peak_rss);
        }
        tried.samples = remembered_items(past);
        tried.source = Source::history;
        tried.origin = fmt::format("{} of an earlier run, confirmed by {}",
                                   counted(static_cast<std::int64_t>(tried.samples.size()), "item"),
                                   tried.origin);
        tried.co_runs = past.last().planned.co_runs;
        tried.warm_up.reset();
        tried.unfinished.clear();
        tried.too_little_to_save.reset();
    } else if (expected && !items.empty()) {
        past.change = Change::behaviour;
        past.growth = mean_seconds(tried.samples) / mean_seconds(remembered_items(past));
    }
    tried.past = std::move(past);
    return tried;
}

}  // namespace amorsize
