#pragma once

#include <string>
#include <string_view>

namespace amorsize::cli::page {

/// Text for HTML, SVG and attributes in double quotes: markup is spelled out, and what is no
/// character, a control, or turns the direction of writing becomes U+FFFD.
std::string escaped(std::string_view text);

/// Pictures are drawn 400 units wide: on a phone a unit is about a CSS pixel, and on a wide screen
/// two stand side by side.
inline constexpr double kPictureWidth = 400;

enum class Anchor { start, middle, end };

std::string svg_text(double x, double y, std::string_view text, const char* css_class,
                     Anchor = Anchor::start);
std::string svg_line(double x1, double y1, double x2, double y2, const char* css_class);
/// `hint` is shown when the pointer rests on it; empty: none.
std::string svg_rect(double x, double y, double width, double height, const char* css_class,
                     std::string_view hint = {});
std::string svg_dot(double x, double y, double radius, const char* css_class,
                    std::string_view hint = {});
/// A whole picture; the description is for those who do not see it.
std::string svg_picture(double height, std::string_view description, const std::string& body);

}  // namespace amorsize::cli::page
