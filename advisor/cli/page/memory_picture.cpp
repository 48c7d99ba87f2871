#include <fmt/format.h>

#include <algorithm>

#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::page {

namespace {

constexpr double kLeft = 4;
constexpr double kRight = 396;
constexpr double kTop = 44;
constexpr double kBar = 30;
constexpr double kBelow = kTop + kBar;

}  // namespace

std::string memory_picture(const Outlook& outlook, const Advice& advice, const Manifest& manifest) {
    if (outlook.nodes.empty() || !outlook.memory_per_worker) return {};
    const Bytes node = outlook.nodes.front().memory;
    const Bytes usable = node * (1 - manifest.headroom.value);
    const Bytes taken =
        advice.plan ? advice.plan->predicted.memory_per_node : *outlook.memory_per_worker;
    const double full = static_cast<double>(std::max(node, taken).value);
    const auto x = [&](Bytes size) {
        return kLeft + (kRight - kLeft) * static_cast<double>(size.value) / full;
    };
    const char* one = manifest.kind == JobKind::mpi ? "rank" : "worker";
    const std::string what = advice.plan ? fmt::format("expected: {}, {} a {}", to_text(taken),
                                                       to_text(*outlook.memory_per_worker), one)
                                         : fmt::format("one {} takes {}", one, to_text(taken));
    const std::string limit = fmt::format("{} of {}, {} kept free", to_text(usable), to_text(node),
                                          to_text(manifest.headroom));
    const std::string ceiling =
        outlook.bounds.by_memory == 0
            ? std::string("none would fit")
            : fmt::format("{} would fit", counted(outlook.bounds.by_memory, one));

    std::string body = svg_rect(kLeft, kTop, x(node) - kLeft, kBar, "room");
    body += svg_rect(x(usable), kTop, x(node) - x(usable), kBar, "headroom");
    body += svg_rect(kLeft, kTop + 6, std::max(x(taken) - kLeft, 1.0), kBar - 12,
                     taken <= usable ? "taken" : "over", what);
    std::string asked;
    if (advice.plan) {
        const Bytes request = kMiB * static_cast<double>(advice.plan->request.mem_mib_per_node);
        asked = fmt::format("asked for: {}", to_text(request));
        body += svg_rect(kLeft, kTop, x(std::min(request, node)) - kLeft, kBar, "request", asked);
        body += svg_text(kLeft, 34, asked, "label");
    }
    body += svg_text(kLeft, 16, what, "value");
    body += svg_line(x(usable), kTop - 6, x(usable), kBelow + 8, "limit");
    const bool left_half = x(usable) < kPictureWidth / 2;
    body += svg_text(std::clamp(x(usable) + (left_half ? -4 : 4), kLeft, kRight), kBelow + 21,
                     limit, "warn-text", left_half ? Anchor::start : Anchor::end);
    body += svg_text(kLeft, kBelow + 38, ceiling, "label");
    return svg_picture(kBelow + 44,
                       fmt::format("Memory of a node. {}{}{}; {}; {}", what,
                                   asked.empty() ? "" : "; ", asked, limit, ceiling),
                       body);
}

}  // namespace amorsize::cli::page
