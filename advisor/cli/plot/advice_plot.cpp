#include "advisor/cli/plot/advice_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "advisor/cli/shown_figures.hpp"
#include "advisor/cli/ways_text.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::plot {

namespace {

constexpr int kWidth = 76;  // beside an indent of two
// The name of a way and the bar of its time share columns.
constexpr int kNameAndTimeBar = 43;
constexpr int kShortestName = 27;
constexpr int kLongestName = 37;
constexpr int kCostBar = 6;
constexpr double kLongestShown = 4;  // times the plan's
constexpr int kSampleBar = 40;

/// The wall time, with the wait in the queue where it is known of every way.
Seconds time_of(const Plan& plan, bool queued) {
    return plan.predicted.wall.p50 + (queued ? *plan.predicted.queue : Seconds{0});
}

int rows_for(const ShownSamples& shown) {
    if (shown.most - shown.least <= shown.most * 1e-3) return 1;
    const double root = std::sqrt(static_cast<double>(shown.samples.size()));
    return std::clamp(static_cast<int>(std::ceil(root)), 3, 8);
}

/// A bar in so many columns; one that would be longer ends in an arrow.
std::string time_bar(double time, double longest, int room, const Glyphs& glyphs) {
    if (time > longest) return repeated(glyphs.full, room - 1) + ">";
    const int length = columns(time, longest, room);
    return repeated(glyphs.full, length) + repeated(" ", room - length);
}

std::string without_trailing_blanks(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out.erase(out.find_last_not_of(' ') + 1);
        out += c;
    }
    return out;
}

}  // namespace

std::string ways_plot(const Advice& advice, Glyphs glyphs) {
    const std::vector<Way> ways = ways_of(advice);
    if (ways.empty()) return {};
    const bool queued = std::all_of(ways.begin(), ways.end(), [](const Way& way) {
        return way.plan->predicted.queue.has_value();
    });
    double longest = 0;
    double dearest = 0;
    int name = kShortestName;
    for (const Way& way : ways) {
        name = std::max(name, static_cast<int>(in_brief(*way.plan, advice).size()));
        longest = std::max(longest, time_of(*way.plan, queued).value);
        dearest = std::max(dearest, way.plan->predicted.core_hours);
    }
    name = std::min(name, kLongestName);
    // Beside days in serial, minutes would all look alike.
    longest = std::min(longest, kLongestShown * time_of(*advice.plan, queued).value);
    std::string out =
        fmt::format("ways to run it, {} the wait in the queue\n", queued ? "with" : "without");
    bool some_over_limit = false;
    for (const Way& way : ways) {
        const Seconds time = time_of(*way.plan, queued);
        const double cost = way.plan->predicted.core_hours;
        some_over_limit |= way.over_limit;
        out += fmt::format("{}{} {:<{}} {:>13} {} {:>11} {}\n", way.chosen ? '>' : ' ',
                           way.over_limit ? '-'
                           : way.unbeaten ? '*'
                                          : ' ',
                           in_brief(*way.plan, advice), name, to_text(time),
                           time_bar(time.value, longest, kNameAndTimeBar - name, glyphs),
                           cost < 0.001 ? "< 0.001 h" : to_text(cost) + " h",
                           repeated(glyphs.band, columns(cost, dearest, kCostBar)));
    }
    return out + fmt::format(
                     "   {} time  {} core hours; > the plan{}\n"
                     "   * nothing is better in one of them without being worse in the "
                     "other\n",
                     glyphs.full, glyphs.band, some_over_limit ? "  - more than you allow" : "");
}

std::string memory_plot(const Outlook& outlook, const Advice& advice, const Manifest& manifest,
                        Glyphs glyphs) {
    const std::optional<ShownMemory> shown = shown_memory(outlook, advice, manifest);
    if (!shown) return {};
    const auto whole = static_cast<double>(std::max(shown->node, shown->taken).value);
    const auto at = [&](Bytes size) {
        return columns(static_cast<double>(size.value), whole, kWidth);
    };
    const int taken = at(shown->taken);
    const int asked = std::max(taken, shown->asked ? at(std::min(*shown->asked, shown->node)) : 0);
    const int usable = std::max(asked, at(shown->usable));
    const int node = std::max(usable, at(shown->node));
    std::string out =
        fmt::format("memory of a node: {}\n  {}{}{}{}\n", shown->usable_words,
                    repeated(glyphs.full, taken), repeated(glyphs.band, asked - taken),
                    repeated(glyphs.room, usable - asked), repeated(glyphs.kept, node - usable));
    out += fmt::format("  {} {}", glyphs.full, shown->taken_words);
    if (shown->asked) out += fmt::format("  {} {}", glyphs.band, shown->asked_words);
    return out + fmt::format("  {} kept free\n  {}\n", glyphs.kept, shown->room_words);
}

std::string samples_plot(const JobProfile& profile, Glyphs glyphs) {
    const std::optional<ShownSamples> shown = shown_samples(profile);
    if (!shown) return {};
    const int rows = rows_for(*shown);
    const std::vector<SampleBin> bins = shown->binned(rows);
    int most = 1;
    for (const SampleBin& bin : bins) most = std::max(most, bin.all());
    const int width = std::min(kSampleBar, most);
    std::string out =
        fmt::format("item times of the samples: {}, median alone {}\n", shown->counts_words,
                    to_text(Seconds{quantile(shown->alone, 0.5)}));
    for (int row = 0; row < rows; ++row) {
        const SampleBin& bin = bins[static_cast<std::size_t>(row)];
        const double from = shown->least + (shown->most - shown->least) * row / rows;
        const int all = columns(bin.all(), most, width);
        const int alone = std::min(all, columns(bin.alone, most, width));
        out += fmt::format("  from {:>13}  {}{} {}\n", to_text(Seconds{from}),
                           repeated(glyphs.full, alone), repeated(glyphs.band, all - alone),
                           bin.all() == 0 ? "" : std::to_string(bin.all()));
    }
    return out + fmt::format("{:22}{} alone  {} side by side\n", "", glyphs.full, glyphs.band);
}

std::string advice_plot(const Manifest& manifest, const JobProfile& profile, const Advice& advice,
                        const Outlook& outlook, Glyphs glyphs) {
    std::vector<std::string> parts;
    if (advice.plan) {
        parts.push_back(curve_plot(outlook.on_one_node, *advice.plan, false, glyphs));
        parts.push_back(curve_plot(outlook.on_more_nodes, *advice.plan, true, glyphs));
    }
    parts.push_back(ways_plot(advice, glyphs));
    parts.push_back(memory_plot(outlook, advice, manifest, glyphs));
    if (!outlook.nodes.empty()) parts.push_back(node_plot(outlook.nodes.front(), advice, glyphs));
    parts.push_back(samples_plot(profile, glyphs));
    std::string out;
    for (const std::string& part : parts) {
        if (!part.empty()) out += (out.empty() ? "" : "\n") + without_trailing_blanks(part);
    }
    return out;
}

}  // namespace amorsize::cli::plot
