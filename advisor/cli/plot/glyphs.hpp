#pragma once

#include <string>
#include <string_view>

namespace amorsize::cli::plot {

/// The characters that a picture is made of, each one column wide.
struct Glyphs {
    std::string_view full;   ///< sure, or taken
    std::string_view band;   ///< likely, or asked for
    std::string_view room;   ///< free
    std::string_view kept;   ///< kept free
    std::string_view ideal;  ///< a mark of what is perfect
};
/// Block elements where the locale writes UTF-8, ASCII elsewhere.
Glyphs glyphs(bool utf8);

/// `glyph` so many times.
std::string repeated(std::string_view glyph, int times);

/// Columns of a bar of `width` for a `part` of `whole`: 0 only for nothing.
int columns(double part, double whole, int width);

}  // namespace amorsize::cli::plot
