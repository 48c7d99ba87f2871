#include "advisor/cli/plot/glyphs.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize::cli::plot {

Glyphs glyphs(bool utf8) {
    if (!utf8) return {"#", "=", ".", "/", "|"};
    return {"\u2588", "\u2592", "\u00B7", "\u2591", "\u2502"};
}

std::string repeated(std::string_view glyph, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += glyph;
    return out;
}

int columns(double part, double whole, int width) {
    if (part <= 0 || whole <= 0) return 0;
    return std::clamp(static_cast<int>(std::lround(part / whole * width)), 1, width);
}

}  // namespace amorsize::cli::plot
