#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "advisor/core/units.hpp"

namespace amorsize {

// How figures are written for people: three significant digits, the unit that fits.

std::string to_text(Bytes);           ///< "512 MiB", "1.5 GiB"
std::string to_text(Seconds);         ///< "850 us", "2.1 s", "5 min 20 s", "11 h 6 min", "3 d 4 h"
std::string to_text(BytesPerSecond);  ///< "11 GB/s" (decimal, as vendors and STREAM count)
std::string to_text(Fraction);        ///< "94.3 %", "0.34 %"; "99.95 %" is not "100 %"
std::string to_text(std::int64_t);    ///< "100,000"
/// Three significant digits, no exponent: "1.04", "125", "2,043".
std::string to_text(double);
/// "12.3 core hours"; what is less than a thousandth is called that.
std::string core_hours_text(double core_hours);
/// "1 worker", "2 workers".
std::string counted(std::int64_t count, std::string_view noun);

/// In one line that cannot steer a terminal: control characters are blanks.
std::string printable(std::string text);

/// Of ASCII, whatever the locale.
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace amorsize
