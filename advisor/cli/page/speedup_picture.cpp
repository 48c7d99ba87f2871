#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::page {

namespace {

constexpr double kLeft = 42;
constexpr double kRight = 384;
constexpr double kTop = 26;
constexpr double kBottom = 214;
constexpr double kHeight = 252;

/// 1, 2 or 5 times a power of ten, so that about four of them fill the axis.
double tick_step(double most) {
    const double rough = std::max(most, 1e-9) / 4;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (rough <= factor * power) return factor * power;
    }
    return 10 * power;
}

struct Axes {
    double most_x;
    double most_y;

    double x(double value) const { return kLeft + (kRight - kLeft) * value / most_x; }
    double y(double value) const {
        return kBottom - (kBottom - kTop) * std::min(value / most_y, 1.0);
    }
};

std::string grid(const Axes& axes, const char* unit) {
    std::string out;
    const double step_y = tick_step(axes.most_y);
    for (double value = 0; value <= axes.most_y * 1.001; value += step_y) {
        out += svg_line(kLeft, axes.y(value), kRight, axes.y(value), value == 0 ? "axis" : "grid");
        out += svg_text(kLeft - 6, axes.y(value) + 4, to_text(value), "tick", Anchor::end);
    }
    const double step_x = std::max(1.0, tick_step(axes.most_x));
    for (double value = step_x; value <= axes.most_x * 1.001; value += step_x) {
        out += svg_line(axes.x(value), kBottom, axes.x(value), kBottom + 4, "axis");
        out += svg_text(axes.x(value), kBottom + 17, to_text(value), "tick", Anchor::middle);
    }
    out += svg_text((kLeft + kRight) / 2, kBottom + 34, unit, "label", Anchor::middle);
    return out + svg_text(4, 14, "times as fast as one core", "label");
}

std::string polyline(const std::vector<CurvePoint>& curve, const Axes& axes, bool over_nodes) {
    std::string there;
    std::string back;
    for (const CurvePoint& point : curve) {
        const double x = axes.x(over_nodes ? point.nodes : point.workers);
        there += fmt::format("{:.1f},{:.1f} ", x, axes.y(point.speedup));
        back.insert(0, fmt::format("{:.1f},{:.1f} ", x, axes.y(point.speedup_p95)));
    }
    return fmt::format(
        "<polygon class=\"band\" points=\"{}{}\"/>\n<polyline class=\"curve\" points=\"{}\"/>\n",
        there, back, there);
}

/// Beside a point of a rising curve: below it on the left half, above it on the right.
std::string label_at(const Axes& axes, double x, const CurvePoint& point, const std::string& text) {
    const bool right_half = axes.x(x) > kPictureWidth * 0.6;
    const double below = std::min(axes.y(point.speedup_p95) + 18, axes.y(point.speedup) + 40);
    const double above = std::max(axes.y(point.speedup) - 8, kTop - 2);
    const bool is_below = !right_half && below < kBottom - 4;
    return svg_text(axes.x(x) + (right_half ? -10 : 9), is_below ? below : above, text,
                    "value over-curve", right_half ? Anchor::end : Anchor::start);
}

}  // namespace

std::string speedup_picture(const std::vector<CurvePoint>& curve, const Plan& plan,
                            bool over_nodes) {
    if (curve.size() < 2) return {};
    const auto at = [&](const CurvePoint& p) { return over_nodes ? p.nodes : p.workers; };
    double best = 1;
    for (const CurvePoint& point : curve) best = std::max(best, point.speedup);
    const Axes axes{static_cast<double>(at(curve.back())), best * 1.12};
    const int wanted = over_nodes ? plan.layout.nodes : plan.layout.workers_per_node();

    std::string body = grid(axes, over_nodes ? "nodes" : "workers on one node");
    const double each = over_nodes ? curve.front().workers : 1;
    const double ideal_end = std::min(axes.most_x, axes.most_y / each);
    body += svg_line(axes.x(0), axes.y(0), axes.x(ideal_end), axes.y(ideal_end * each), "ideal");
    body += polyline(curve, axes, over_nodes);
    std::string limit_label;
    for (std::size_t i = 1; i < curve.size(); ++i) {
        if (curve[i].allowed || !curve[i - 1].allowed) continue;
        const double x = axes.x(at(curve[i - 1]));
        body += svg_line(x, kTop, x, kBottom, "limit");
        limit_label = svg_text(x + 4, kBottom - 6, "your limit", "warn-text");
    }
    body += limit_label;
    std::string chosen = "the plan is not on this curve";
    for (const CurvePoint& point : curve) {
        const bool is_plan = at(point) == wanted;
        const std::string hint = fmt::format(
            "{}: {} x expected, {} x at 95 %, {}",
            over_nodes ? counted(point.nodes, "node") : counted(point.workers, "worker"),
            to_text(point.speedup), to_text(point.speedup_p95), to_text(point.wall.p50));
        body += svg_dot(axes.x(at(point)), axes.y(point.speedup), is_plan ? 5 : 2.2,
                        is_plan ? "chosen" : "point", hint);
        if (!is_plan) continue;
        chosen = fmt::format(
            "{}: {} x",
            over_nodes ? counted(point.nodes, "node") : counted(point.workers, "worker"),
            to_text(point.speedup));
        body += label_at(axes, at(point), point, chosen);
    }
    return svg_picture(
        kHeight,
        fmt::format("Speed-up from {} to {} {}; the plan: {}. The table below has every point.",
                    at(curve.front()), at(curve.back()), over_nodes ? "nodes" : "workers", chosen),
        body);
}

}  // namespace amorsize::cli::page
