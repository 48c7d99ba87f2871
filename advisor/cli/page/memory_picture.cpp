#include <fmt/format.h>

#include <algorithm>

#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "advisor/cli/shown_figures.hpp"

namespace amorsize::cli::page {

namespace {

constexpr double kLeft = 4;
constexpr double kRight = 396;
constexpr double kTop = 44;
constexpr double kBar = 30;
constexpr double kBelow = kTop + kBar;

}  // namespace

std::string memory_picture(const Outlook& outlook, const Advice& advice, const Manifest& manifest) {
    const std::optional<ShownMemory> shown = shown_memory(outlook, advice, manifest);
    if (!shown) return {};
    const double full = static_cast<double>(std::max(shown->node, shown->taken).value);
    const auto x = [&](Bytes size) {
        return kLeft + (kRight - kLeft) * static_cast<double>(size.value) / full;
    };
    const double node_end = x(shown->node);
    const double usable_end = x(shown->usable);

    std::string body = svg_rect(kLeft, kTop, node_end - kLeft, kBar, "room");
    body += svg_rect(usable_end, kTop, node_end - usable_end, kBar, "headroom");
    body += svg_rect(kLeft, kTop + 6, std::max(x(shown->taken) - kLeft, 1.0), kBar - 12,
                     shown->taken <= shown->usable ? "taken" : "over", shown->taken_words);
    if (shown->asked) {
        body += svg_rect(kLeft, kTop, x(std::min(*shown->asked, shown->node)) - kLeft, kBar,
                         "request", shown->asked_words);
        body += svg_text(kLeft, 34, shown->asked_words, "label");
    }
    body += svg_text(kLeft, 16, shown->taken_words, "value");
    body += svg_line(usable_end, kTop - 6, usable_end, kBelow + 8, "limit");
    const bool left_half = usable_end < kPictureWidth / 2;
    body += svg_text(std::clamp(usable_end + (left_half ? -4 : 4), kLeft, kRight), kBelow + 21,
                     shown->usable_words, "warn-text", left_half ? Anchor::start : Anchor::end);
    body += svg_text(kLeft, kBelow + 38, shown->room_words, "label");
    return svg_picture(kBelow + 44,
                       fmt::format("Memory of a node. {}{}{}; {}; {}", shown->taken_words,
                                   shown->asked ? "; " : "", shown->asked_words,
                                   shown->usable_words, shown->room_words),
                       body);
}

}  // namespace amorsize::cli::page
