#include "advisor/core/job_profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/statistics.hpp"
#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

double mean_seconds(const std::vector<Sample>& samples) {
    std::vector<double> seconds;
    for (const Sample& sample : samples) seconds.push_back(sample.seconds.value);
    return mean(seconds);
}

}  // namespace

JobProfile with_past(JobProfile tried, PastRuns past) {
    const auto expected = expected_items(past);
    std::vector<Sample> items = tried.samples;
    if (tried.warm_up) items.push_back(*tried.warm_up);
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
        past.growth = mean_seconds(items) / mean_seconds(remembered_items(past));
    }
    tried.past = std::move(past);
    return tried;
}

}  // namespace amorsize
