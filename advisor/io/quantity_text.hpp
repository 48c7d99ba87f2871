#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "advisor/core/units.hpp"

namespace amorsize {

/// A value read from text, or what is wrong with the text.
template <class T>
struct Parsed {
    std::optional<T> value;
    std::string message;  ///< "needs a unit"; empty if there is a value
    std::string hint;

    explicit operator bool() const { return value.has_value(); }
};

/// Decimal digits with an optional minus; refuses what readers disagree about (010, 0x10, 1e3,
/// 1_000).
Parsed<std::int64_t> parse_integer(std::string_view);
/// A finite decimal number: 0.3, 1e-3.
Parsed<double> parse_number(std::string_view);
/// "500MiB", "40GB", "1.5 TiB": a number with a binary unit (1 GB = 1 GiB = 2^30 bytes), rounded up
/// to bytes.
Parsed<Bytes> parse_size(std::string_view);
/// "50us", "0.4s", "2h", "1d12h", and Slurm's "HH:MM:SS" and "D-HH[:MM[:SS]]". Never negative.
Parsed<Seconds> parse_duration(std::string_view);
/// "11GB/s", decimal as vendors and STREAM count, and "11GiB/s", binary.
Parsed<BytesPerSecond> parse_rate(std::string_view);

// The shortest text that reads back as the same value.
std::string size_text(Bytes);
std::string duration_text(Seconds);
std::string rate_text(BytesPerSecond);

}  // namespace amorsize
