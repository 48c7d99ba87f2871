#include "advisor/cli/page/markup.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace amorsize::cli::page {

namespace {

struct Character {
    std::uint32_t code = 0xFFFD;
    std::size_t bytes = 1;  ///< one for what is no UTF-8
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return {};
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
    return {code, length};
}

bool is_shown(std::uint32_t code) {
    const bool control =
        (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
    const bool turns_writing = (code >= 0x202A && code <= 0x202E) ||
                               (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
                               code == 0x200F;
    const bool no_character = (code & 0xFFFEU) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
    return !control && !turns_writing && !no_character;
}

std::string with_hint(const std::string& element, std::string_view hint) {
    return hint.empty() ? fmt::format("<{}/>\n", element)
                        : fmt::format("<{}><title>{}</title></{}>\n", element, escaped(hint),
                                      element.substr(0, element.find(' ')));
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const Character next = first_character(text);
        switch (next.code) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                if (is_shown(next.code) && next.code != 0xFFFD)
                    out += text.substr(0, next.bytes);
                else
                    out += "\xEF\xBF\xBD";
        }
        text.remove_prefix(next.bytes);
    }
    return out;
}

std::string svg_text(double x, double y, std::string_view text, const char* css_class,
                     Anchor anchor) {
    const char* name = anchor == Anchor::start    ? "start"
                       : anchor == Anchor::middle ? "middle"
                                                  : "end";
    return fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n", x, y,
        css_class, name, escaped(text));
}

std::string svg_line(double x1, double y1, double x2, double y2, const char* css_class) {
    return fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1,
        x2, y2, css_class);
}

std::string svg_rect(double x, double y, double width, double height, const char* css_class,
                     std::string_view hint) {
    return with_hint(
        fmt::format(
            "rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"", x, y,
            width, height, css_class),
        hint);
}

std::string svg_dot(double x, double y, double radius, const char* css_class,
                    std::string_view hint) {
    return with_hint(fmt::format("circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" class=\"{}\"", x,
                                 y, radius, css_class),
                     hint);
}

std::string svg_picture(double height, std::string_view description, const std::string& body) {
    return fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n",
        kPictureWidth, height, escaped(description), body);
}

}  // namespace amorsize::cli::page
