#include "advisor/io/quantity_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "advisor/core/text.hpp"
#include "advisor/io/diagnostics.hpp"

namespace amorsize {

namespace {

constexpr const char* kSizeHint =
    "write a number and a unit: 500MiB, 40GB (sizes are binary: 1 GB = 1 GiB)";
constexpr const char* kDurationHint =
    "write a number and a unit: 50us, 5ms, 0.4s, 30min, 2h, 1d12h, or HH:MM:SS";
constexpr const char* kRateHint = "write a size a second: 11GB/s (decimal), 10GiB/s";

template <class T>
Parsed<T> wrong(std::string message, std::string hint = {}) {
    return {std::nullopt, std::move(message), std::move(hint)};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

void trim_front(std::string_view& text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

/// A decimal number taken off the front; an exponent counts only if digits follow it.
std::optional<double> take_number(std::string_view& text) {
    if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) value = std::numeric_limits<double>::infinity();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// Digits with leading zeros: 010 is 8 to YAML 1.1 and 10 to YAML 1.2.
bool looks_octal(std::string_view digits) {
    return digits.size() > 1 && digits.front() == '0' && is_digit(digits[1]);
}

std::string octal_hint(std::string_view digits) {
    const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
    return fmt::format(
        "some YAML readers take it for octal: write {} if you mean the decimal number",
        digits.substr(first));
}

struct SizeUnit {
    char letter;
    int shift;
};
constexpr std::array<SizeUnit, 6> kSizeUnits{
    {{'k', 10}, {'m', 20}, {'g', 30}, {'t', 40}, {'p', 50}, {'e', 60}}};

/// Power of two of "GiB", "gb", "G", "B"; absent if it is no unit of size.
std::optional<int> size_shift(std::string_view unit) {
    const std::string name = lower(unit);
    if (name == "b") return 0;
    for (const SizeUnit& known : kSizeUnits) {
        const std::string letter(1, known.letter);
        if (name == letter || name == letter + "b" || name == letter + "ib") return known.shift;
    }
    return std::nullopt;
}

struct TimeUnit {
    const char* name;
    double scale;  // seconds are number * scale / divisor: one of them is 1, so the result is exact
    double divisor;
};
constexpr std::array<TimeUnit, 16> kTimeUnits{{{"ns", 1, 1e9},
                                               {"us", 1, 1e6},
                                               {"\xC2\xB5s", 1, 1e6},
                                               {"\xCE\xBCs", 1, 1e6},
                                               {"ms", 1, 1e3},
                                               {"s", 1, 1},
                                               {"sec", 1, 1},
                                               {"secs", 1, 1},
                                               {"m", 60, 1},
                                               {"min", 60, 1},
                                               {"mins", 60, 1},
                                               {"h", 3600, 1},
                                               {"hour", 3600, 1},
                                               {"hours", 3600, 1},
                                               {"d", 86400, 1},
                                               {"days", 86400, 1}}};

const TimeUnit* time_unit(std::string_view name) {
    for (const TimeUnit& unit : kTimeUnits) {
        if (name == unit.name) return &unit;
    }
    return nullptr;
}

/// Digits of one field of Slurm's D-HH:MM:SS.
std::optional<double> clock_field(std::string_view text, int most) {
    if (!all_digits(text) || text.size() > 6) return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value <= most ? std::optional<double>(value) : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t end = text.find(separator); end != std::string_view::npos;
         end = text.find(separator, begin)) {
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    parts.push_back(text.substr(begin));
    return parts;
}

/// Slurm's HH:MM:SS and D-HH[:MM[:SS]].
Parsed<Seconds> parse_clock(std::string_view text) {
    constexpr int kMostHours = 999999;
    const std::size_t dash = text.find('-');
    const bool has_days = dash != std::string_view::npos;
    const std::vector<std::string_view> fields =
        split(has_days ? text.substr(dash + 1) : text, ':');
    if (!has_days && fields.size() == 2) {
        return wrong<Seconds>("is ambiguous: minutes and seconds, or hours and minutes",
                              fmt::format("write {}:00 or 00:{:0>5}", text, text));
    }
    if (fields.size() > 3) return wrong<Seconds>("is not a time", kDurationHint);
    double seconds = 0;
    if (has_days) {
        const auto days = clock_field(text.substr(0, dash), kMostHours);
        if (!days) return wrong<Seconds>("is not a time", "write D-HH:MM:SS, as 1-12:00:00");
        seconds = *days * 86400;
    }
    const std::array<double, 3> scales{3600, 60, 1};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const int most = i > 0 ? 59 : has_days ? 23 : kMostHours;
        const auto field = clock_field(fields[i], most);
        if (!field) {
            return wrong<Seconds>(
                fmt::format("has {} where at most {} fits", in_quotes(fields[i]), most),
                "write HH:MM:SS, or D-HH:MM:SS past a day");
        }
        seconds += *field * scales[i];
    }
    return {Seconds{seconds}, "", ""};
}

constexpr double kLongest = 1e10;  // seconds: some 300 years

/// A number and its unit taken off the front of a compound duration.
Parsed<double> take_duration_term(std::string_view& rest) {
    const auto number = take_number(rest);
    if (!number) return wrong<double>("is not a time", kDurationHint);
    trim_front(rest);
    std::size_t length = 0;
    while (length < rest.size() && !is_digit(rest[length]) && rest[length] != ' ' &&
           rest[length] != '.')
        ++length;
    const std::string_view name = rest.substr(0, length);
    if (name.empty()) return wrong<double>("needs a unit", kDurationHint);
    const TimeUnit* unit = time_unit(name);
    if (unit == nullptr)
        return wrong<double>(fmt::format("has the unknown unit {}", in_quotes(name)),
                             kDurationHint);
    rest.remove_prefix(length);
    trim_front(rest);
    return {*number * unit->scale / unit->divisor, "", ""};
}

}  // namespace

Parsed<std::int64_t> parse_integer(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    const std::string_view digits = text.substr(negative ? 1 : 0);
    const std::string sign = negative ? "-" : "";
    if (all_digits(digits) && !looks_octal(digits)) {
        std::int64_t value = 0;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
        if (result.ec == std::errc::result_out_of_range) {
            return wrong<std::int64_t>("is too large a number",
                                       "numbers go up to 9223372036854775807");
        }
        return {value, "", ""};
    }
    if (all_digits(digits)) return wrong<std::int64_t>("has a leading zero", octal_hint(digits));

    std::string without = std::string(digits);
    without.erase(
        std::remove_if(without.begin(), without.end(), [](char c) { return c == '_' || c == ','; }),
        without.end());
    if (all_digits(without) && is_digit(digits.front())) {
        return wrong<std::int64_t>("is not a whole number",
                                   fmt::format("write {}{}", sign, without));
    }
    const Parsed<double> number = parse_number(text);
    if (number && *number.value == std::floor(*number.value) && std::abs(*number.value) < 1e15) {
        return wrong<std::int64_t>("is not a whole number",
                                   fmt::format("write {:.0f}", *number.value));
    }
    return wrong<std::int64_t>("is not a whole number", "write decimal digits, as 4");
}

Parsed<double> parse_number(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    std::string_view rest = text.substr(negative ? 1 : 0);
    if (looks_octal(rest)) return wrong<double>("has a leading zero", octal_hint(rest));
    const auto number = take_number(rest);
    if (!number || !rest.empty()) {
        const std::string_view last = rest;
        if (number && last == "%")
            return wrong<double>("is not a number", fmt::format("write {:g}", *number / 100));
        return wrong<double>("is not a number", "write a decimal number, as 0.3");
    }
    if (!std::isfinite(*number))
        return wrong<double>("is too large or too small a number",
                             "write a decimal number, as 0.3");
    return {negative ? -*number : *number, "", ""};
}

Parsed<Bytes> parse_size(std::string_view text) {
    if (!text.empty() && text.front() == '-') return wrong<Bytes>("is negative", kSizeHint);
    std::string_view rest = text;
    const auto number = take_number(rest);
    if (!number) return wrong<Bytes>("is not a size", kSizeHint);
    trim_front(rest);
    if (rest.empty()) return wrong<Bytes>("needs a unit", kSizeHint);
    const auto shift = size_shift(rest);
    if (!shift) {
        const bool word = std::all_of(rest.begin(), rest.end(), is_letter);
        return wrong<Bytes>(
            word ? fmt::format("has the unknown unit {}", in_quotes(rest)) : "is not a size",
            kSizeHint);
    }
    const double bytes = std::ceil(std::ldexp(*number, *shift));
    if (!(bytes < 0x1p62)) return wrong<Bytes>("is too large a size", "sizes go up to 4 EiB");
    return {Bytes{static_cast<std::int64_t>(bytes)}, "", ""};
}

Parsed<Seconds> parse_duration(std::string_view text) {
    if (!text.empty() && text.front() == '-') return wrong<Seconds>("is negative", kDurationHint);
    const bool clock =
        text.find(':') != std::string_view::npos ||
        (text.find('-') != std::string_view::npos && all_digits(text.substr(0, text.find('-'))));
    if (clock) return parse_clock(text);
    const std::string name = lower(text);
    if (name == "infinite" || name == "unlimited") {
        return wrong<Seconds>("is not a time", "leave the key out where there is no limit");
    }
    std::string_view rest = text;
    double seconds = 0;
    do {
        const Parsed<double> term = take_duration_term(rest);
        if (!term) return wrong<Seconds>(term.message, term.hint);
        seconds += *term.value;
    } while (!rest.empty());
    if (!(seconds <= kLongest))
        return wrong<Seconds>("is too long a time", "times go up to 10000000000s, some 300 years");
    return {Seconds{seconds}, "", ""};
}

Parsed<BytesPerSecond> parse_rate(std::string_view text) {
    if (!text.empty() && text.front() == '-')
        return wrong<BytesPerSecond>("is negative", kRateHint);
    std::string_view rest = text;
    const auto number = take_number(rest);
    if (!number) return wrong<BytesPerSecond>("is not a rate", kRateHint);
    trim_front(rest);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || rest.substr(slash) != "/s") {
        return wrong<BytesPerSecond>("needs a unit with /s", kRateHint);
    }
    const std::string unit = lower(rest.substr(0, slash));
    const auto shift = size_shift(unit);
    if (!shift)
        return wrong<BytesPerSecond>(fmt::format("has the unknown unit {}", in_quotes(rest)),
                                     kRateHint);
    const bool binary = unit.find('i') != std::string::npos;
    const double rate =
        binary ? std::ldexp(*number, *shift) : *number * std::pow(1000, *shift / 10);
    if (!(rate < 0x1p62)) return wrong<BytesPerSecond>("is too large a rate", kRateHint);
    return {BytesPerSecond{rate}, "", ""};
}

std::string size_text(Bytes size) {
    if (size.value == 0) return "0B";
    // Not std::views::reverse, which clang 14 does not compile with the library of GCC 12.
    const auto unit = std::find_if(
        kSizeUnits.rbegin(), kSizeUnits.rend(),
        [&](const SizeUnit& one) { return size.value % (std::int64_t{1} << one.shift) == 0; });
    if (unit == kSizeUnits.rend()) return fmt::format("{}B", size.value);
    return fmt::format("{}{}iB", size.value / (std::int64_t{1} << unit->shift),
                       static_cast<char>(unit->letter - 'a' + 'A'));
}

std::string duration_text(Seconds duration) {
    constexpr int kMostDigits = 17;
    for (const char* name : {"s", "ms", "us"}) {
        const TimeUnit* unit = time_unit(name);
        const double number = duration.value * unit->divisor;
        const bool readable = duration.value == 0 || number >= 1 || unit->divisor == 1e6;
        if (!readable) continue;
        // Fewest digits first: 0.1213 s times 1000 is 121.30000000000001 ms.
        for (int digits = 3; digits <= kMostDigits; ++digits) {
            const double rounded = std::stod(fmt::format("{:.{}g}", number, digits));
            std::string text = fmt::format("{}{}", rounded, name);
            const Parsed<Seconds> back = parse_duration(text);
            const bool plain = text.find('e') == std::string::npos;  // not "3.6e+03s"
            if (plain && back && *back.value == duration) return text;
        }
    }
    return fmt::format("{}s", duration.value);
}

std::string rate_text(BytesPerSecond rate) {
    const int shift = rate.value >= 0x1p30 ? 30 : rate.value >= 0x1p20 ? 20 : 0;
    const char* unit = shift == 30 ? "GiB/s" : shift == 20 ? "MiB/s" : "B/s";
    return fmt::format("{}{}", std::ldexp(rate.value, -shift), unit);
}

}  // namespace amorsize
