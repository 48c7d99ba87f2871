#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "advisor/cli/shown_figures.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::page {

namespace {

constexpr double kLeft = 8;
constexpr double kRight = 392;
constexpr double kHighest = 96;
constexpr double kDot = 8;
constexpr int kColumns = 48;
constexpr std::size_t kMostDots = 300;  // more are drawn as bars, a page must not grow with them

double column_x(int column) {
    return kLeft + (kRight - kLeft) * column / (kColumns - 1);
}

/// Samples of about the same time stand on one another.
std::string dots(const ShownSamples& shown, double floor, double step) {
    std::string out;
    std::vector<int> heights(kColumns);
    for (const Sample* sample : shown.samples) {
        const int column = shown.bin_of(*sample, kColumns);
        const bool beside = sample->concurrency > 1;
        out +=
            svg_dot(column_x(column), floor - step * heights[static_cast<std::size_t>(column)]++,
                    std::min(step, kDot) / 2 - 0.5, beside ? "sample beside" : "sample",
                    fmt::format("{}{}{}", to_text(sample->seconds),
                                beside ? fmt::format(", {} side by side", sample->concurrency) : "",
                                sample->item ? ", item " + *sample->item : ""));
    }
    return out;
}

std::string bars(const std::vector<SampleBin>& bins, double floor, double step) {
    std::string out;
    for (int column = 0; column < kColumns; ++column) {
        const SampleBin& bin = bins[static_cast<std::size_t>(column)];
        const double left = column_x(column) - kDot / 2 + 0.5;
        const double bottom = floor + kDot / 2;
        const double middle = bottom - step * bin.alone;
        if (bin.alone > 0)
            out += svg_rect(left, middle, kDot - 1, step * bin.alone, "sample",
                            fmt::format("{} alone", counted(bin.alone, "item")));
        if (bin.beside > 0)
            out += svg_rect(left, middle - step * bin.beside, kDot - 1, step * bin.beside,
                            "sample beside",
                            fmt::format("{} side by side", counted(bin.beside, "item")));
    }
    return out;
}

}  // namespace

std::string samples_picture(const JobProfile& profile) {
    const std::optional<ShownSamples> shown = shown_samples(profile);
    if (!shown) return {};
    const std::vector<SampleBin> bins = shown->binned(kColumns);
    int tallest = 1;
    for (const SampleBin& bin : bins) tallest = std::max(tallest, bin.all());
    const double step = std::min(kDot, kHighest / tallest);
    const double floor = 28 + step * tallest;
    const auto x = [&](double seconds) {
        return kLeft + (kRight - kLeft) * shown->position(seconds);
    };
    const double low = x(quantile(shown->alone, 0.25));
    const double high = x(quantile(shown->alone, 0.75));
    const double median = quantile(shown->alone, 0.5);
    const std::string middle = fmt::format("median alone {}", to_text(Seconds{median}));

    std::string body =
        shown->samples.size() > kMostDots ? bars(bins, floor, step) : dots(*shown, floor, step);
    body += svg_line(4, floor + kDot, 396, floor + kDot, "axis");
    body += svg_rect(low, floor + 13, std::max(high - low, 2.0), 7, "taken",
                     "half of those that ran alone");
    body += svg_line(x(median), floor + 10, x(median), floor + 23, "limit");
    body += svg_text(4, 14, shown->counts_words, "label");
    body += svg_text(396, 14, middle, "value", Anchor::end);
    body += svg_text(4, floor + 37, to_text(Seconds{shown->least}), "tick");
    body += svg_text(396, floor + 37, to_text(Seconds{shown->most}), "tick", Anchor::end);
    return svg_picture(floor + 42,
                       fmt::format("Item times of the samples: {}, from {} to {}; {}, half of them "
                                   "between {} and {}",
                                   shown->counts_words, to_text(Seconds{shown->least}),
                                   to_text(Seconds{shown->most}), middle,
                                   to_text(Seconds{quantile(shown->alone, 0.25)}),
                                   to_text(Seconds{quantile(shown->alone, 0.75)})),
                       body);
}

}  // namespace amorsize::cli::page
