#include "advisor/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace amorsize {

namespace {

std::string scaled(double value, double step, std::span<const char* const> units) {
    std::size_t unit = 0;
    while (unit + 1 < units.size() && std::abs(value) >= step * 0.9995) {
        value /= step;
        ++unit;
    }
    return fmt::format("{} {}", to_text(value), units[unit]);
}

std::string two_units(double value, double larger, const char* larger_name, double smaller,
                      const char* smaller_name) {
    const auto smaller_count = static_cast<std::int64_t>(std::round(value / smaller));
    const auto per_larger = static_cast<std::int64_t>(larger / smaller);
    const std::int64_t rest = smaller_count % per_larger;
    const std::string head = fmt::format("{} {}", smaller_count / per_larger, larger_name);
    return rest == 0 ? head : fmt::format("{} {} {}", head, rest, smaller_name);
}

/// Without trailing zeros.
std::string rounded(double value, int significant_digits) {
    if (value == 0) return "0";
    const double magnitude = std::floor(std::log10(std::abs(value)));
    const int decimals = std::clamp(significant_digits - 1 - static_cast<int>(magnitude), 0, 9);
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
        return text;
    }
    return std::abs(value) < 1e15 ? to_text(static_cast<std::int64_t>(std::llround(value))) : text;
}

}  // namespace

std::string to_text(double value) {
    return rounded(value, 3);
}

std::string to_text(Bytes size) {
    constexpr std::array<const char*, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    return scaled(static_cast<double>(size.value), 1024, units);
}

std::string to_text(BytesPerSecond rate) {
    constexpr std::array<const char*, 5> units{"B/s", "kB/s", "MB/s", "GB/s", "TB/s"};
    return scaled(rate.value, 1000, units);
}

std::string to_text(Seconds duration) {
    const double seconds = duration.value;
    if (seconds < 0) return "-" + to_text(Seconds{-seconds});
    if (seconds == 0) return "0 s";
    if (seconds < 0.9995e-3) return to_text(seconds * 1e6) + " us";
    if (seconds < 0.9995) return to_text(seconds * 1e3) + " ms";
    if (seconds < 59.95) return to_text(seconds) + " s";
    if (seconds < 3599.5) return two_units(seconds, 60, "min", 1, "s");
    if (seconds < 86370) return two_units(seconds, 3600, "h", 60, "min");
    return two_units(seconds, 86400, "d", 3600, "h");
}

std::string to_text(Fraction share) {
    const double percent = share.value * 100;
    std::string text = rounded(percent, std::abs(percent) < 9.95 ? 2 : 3);
    if (text == "100" && percent < 100) {  // what is nearly all is not all
        const double decimals = std::ceil(-std::log10(100 - percent));
        text = rounded(percent, 2 + static_cast<int>(std::clamp(decimals, 1.0, 4.0)));
    }
    return text + " %";
}

std::string to_text(std::int64_t count) {
    std::string digits = std::to_string(count);
    const std::size_t first = count < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string core_hours_text(double core_hours) {
    return (core_hours < 0.001 ? "less than 0.001" : to_text(core_hours)) + " core hours";
}

std::string counted(std::int64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", to_text(count), noun, count == 1 ? "" : "s");
}

std::string printable(std::string text) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
    std::replace_if(text.begin(), text.end(), is_control, ' ');
    return text;
}

}  // namespace amorsize
