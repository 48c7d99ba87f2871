#include <fmt/format.h>

#include <algorithm>

#include "advisor/cli/plot/advice_plot.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::plot {

namespace {

constexpr int kBar = 36;
constexpr std::size_t kMostRows = 14;

/// Some of the points at even steps: the first, the last and the plan's among them.
std::vector<CurvePoint> some_of(const std::vector<CurvePoint>& curve, std::size_t plan) {
    if (curve.size() <= kMostRows) return curve;
    std::vector<std::size_t> places{plan};
    for (std::size_t i = 0; i < kMostRows - 1; ++i)
        places.push_back(i * (curve.size() - 1) / (kMostRows - 2));
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::vector<CurvePoint> some;
    for (const std::size_t place : places) {
        if (place < curve.size()) some.push_back(curve[place]);
    }
    return some;
}

/// Full up to what 19 of 20 runs reach, the band up to what is expected, a mark at the ideal.
std::string bar(const CurvePoint& point, double ideal, double best, const Glyphs& glyphs) {
    const int sure = columns(point.speedup_p95, best, kBar);
    const int expected = columns(point.speedup, best, kBar);
    const int mark = ideal <= best ? columns(ideal, best, kBar) : 0;
    std::string out = repeated(glyphs.full, sure) + repeated(glyphs.band, expected - sure);
    if (mark > expected) out += std::string(static_cast<std::size_t>(mark - expected - 1), ' ');
    return mark > expected ? out.append(glyphs.ideal) : out;
}

}  // namespace

std::string curve_plot(const std::vector<CurvePoint>& curve, const Plan& plan, bool over_nodes,
                       Glyphs glyphs) {
    if (curve.size() < 2) return {};
    const auto count = [&](const CurvePoint& p) { return over_nodes ? p.nodes : p.workers; };
    const int wanted = over_nodes ? plan.layout.nodes : plan.layout.workers_per_node();
    const auto chosen =
        std::find_if(curve.begin(), curve.end(), [&](const auto& p) { return count(p) == wanted; });
    const double best =
        std::max_element(curve.begin(), curve.end(), [](const auto& a, const auto& b) {
            return a.speedup < b.speedup;
        })->speedup;
    const double each = over_nodes ? curve.front().workers : 1;

    std::string out =
        fmt::format("speed-up over {}\n", over_nodes ? "nodes" : "the workers of one node");
    out += fmt::format("{:>9} {:>14} {:>9}\n", over_nodes ? "nodes" : "workers", "expected",
                       "speed-up");
    const auto plan_at = static_cast<std::size_t>(chosen - curve.begin());
    for (const CurvePoint& point : some_of(curve, plan_at)) {
        const bool is_plan = count(point) == wanted;
        const char* remark = is_plan ? " < plan" : !point.allowed ? " (limit)" : "";
        out += fmt::format("{:>9} {:>14} {:>7} x  {}{}\n", to_text(std::int64_t{count(point)}),
                           to_text(point.wall.p50), to_text(point.speedup),
                           bar(point, count(point) * each, best, glyphs), remark);
    }
    const bool over_limit = std::any_of(curve.begin(), curve.end(),
                                        [](const CurvePoint& point) { return !point.allowed; });
    return out +
           fmt::format("{:36}{} 19 of 20 runs  {} expected  {} perfect\n", "", glyphs.full,
                       glyphs.band, glyphs.ideal) +
           (over_limit ? fmt::format("{:36}(limit): more than you allow\n", "") : "");
}

}  // namespace amorsize::cli::plot
