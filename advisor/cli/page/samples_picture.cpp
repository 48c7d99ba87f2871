#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::page {

namespace {

constexpr double kLeft = 8;
constexpr double kRight = 392;
constexpr double kHighest = 96;
constexpr double kDot = 8;
constexpr int kColumns = 48;

struct Scale {
    double least;
    double width;

    double share(double seconds) const { return (seconds - least) / width; }
    double x(double seconds) const { return kLeft + (kRight - kLeft) * share(seconds); }
};

std::vector<double> sorted_times(const std::vector<const Sample*>& samples) {
    std::vector<double> times;
    for (const Sample* sample : samples) times.push_back(sample->seconds.value);
    std::sort(times.begin(), times.end());
    return times;
}

int column_of(const Sample& sample, const Scale& scale) {
    return static_cast<int>(scale.share(sample.seconds.value) * (kColumns - 1));
}

/// Samples of about the same time stand on one another.
std::string stacked(const std::vector<const Sample*>& samples, const Scale& scale, double floor,
                    double step) {
    std::string out;
    std::map<int, int> heights;
    for (const Sample* sample : samples) {
        const int column = column_of(*sample, scale);
        const bool beside = sample->concurrency > 1;
        out += svg_dot(
            kLeft + (kRight - kLeft) * column / (kColumns - 1), floor - step * heights[column]++,
            std::min(step, kDot) / 2 - 0.5, beside ? "sample beside" : "sample",
            fmt::format("{}{}{}", to_text(sample->seconds),
                        beside ? fmt::format(", {} side by side", sample->concurrency) : "",
                        sample->item ? ", item " + *sample->item : ""));
    }
    return out;
}

std::size_t tallest(const std::vector<const Sample*>& samples, const Scale& scale) {
    std::map<int, std::size_t> heights;
    std::size_t most = 1;
    for (const Sample* sample : samples) {
        most = std::max(most, ++heights[column_of(*sample, scale)]);
    }
    return most;
}

}  // namespace

std::string samples_picture(const JobProfile& profile) {
    std::vector<const Sample*> samples;
    std::vector<const Sample*> alone;
    for (const Sample& sample : profile.samples) {
        samples.push_back(&sample);
        if (sample.concurrency <= 1) alone.push_back(&sample);
    }
    if (alone.empty()) return {};
    std::stable_partition(samples.begin(), samples.end(),
                          [](const Sample* sample) { return sample->concurrency <= 1; });
    const std::vector<double> all = sorted_times(samples);
    const std::vector<double> times = sorted_times(alone);
    const Scale scale{all.front(), std::max(all.back() - all.front(), all.back() * 1e-3)};
    const double step = std::min(kDot, kHighest / static_cast<double>(tallest(samples, scale)));
    const double floor = 28 + step * static_cast<double>(tallest(samples, scale));
    const double low = scale.x(quantile(times, 0.25));
    const double high = scale.x(quantile(times, 0.75));
    const double median = quantile(times, 0.5);
    const std::string counts =
        alone.size() == samples.size()
            ? counted(static_cast<std::int64_t>(alone.size()), "item")
            : fmt::format("{} alone, {} side by side",
                          to_text(static_cast<std::int64_t>(alone.size())),
                          to_text(static_cast<std::int64_t>(samples.size() - alone.size())));
    const std::string middle = fmt::format("median alone {}", to_text(Seconds{median}));

    std::string body = stacked(samples, scale, floor, step);
    body += svg_line(4, floor + kDot, 396, floor + kDot, "axis");
    body += svg_rect(low, floor + 13, std::max(high - low, 2.0), 7, "taken",
                     "half of those that ran alone");
    body += svg_line(scale.x(median), floor + 10, scale.x(median), floor + 23, "limit");
    body += svg_text(4, 14, counts, "label");
    body += svg_text(396, 14, middle, "value", Anchor::end);
    body += svg_text(4, floor + 37, to_text(Seconds{all.front()}), "tick");
    body += svg_text(396, floor + 37, to_text(Seconds{all.back()}), "tick", Anchor::end);
    return svg_picture(
        floor + 42,
        fmt::format("Item times of the samples: {}, from {} to {}; {}, half of them "
                    "between {} and {}",
                    counts, to_text(Seconds{all.front()}), to_text(Seconds{all.back()}), middle,
                    to_text(Seconds{quantile(times, 0.25)}),
                    to_text(Seconds{quantile(times, 0.75)})),
        body);
}

}  // namespace amorsize::cli::page
