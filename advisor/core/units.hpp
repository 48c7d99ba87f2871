#pragma once

#include <compare>
#include <cstdint>

namespace amorsize {

/// A number that knows its unit: sizes do not add to times, and no bare double crosses a module's
/// edge.
template <class Unit, class Rep>
struct Quantity {
    Rep value{};

    friend constexpr auto operator<=>(Quantity, Quantity) = default;
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.value + b.value}; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.value - b.value}; }
    friend constexpr double operator/(Quantity a, Quantity b) {
        return static_cast<double>(a.value) / static_cast<double>(b.value);
    }
    friend constexpr Quantity operator*(Quantity a, double factor) {
        return {static_cast<Rep>(static_cast<double>(a.value) * factor)};
    }
    friend constexpr Quantity operator*(double factor, Quantity a) { return a * factor; }
    friend constexpr Quantity operator/(Quantity a, double divisor) {
        return {static_cast<Rep>(static_cast<double>(a.value) / divisor)};
    }
    constexpr Quantity& operator+=(Quantity other) {
        value += other.value;
        return *this;
    }
    constexpr Quantity& operator-=(Quantity other) {
        value -= other.value;
        return *this;
    }
};

/// A size in bytes. Signed, so that a difference below zero is seen and not wrapped.
using Bytes = Quantity<struct BytesUnit, std::int64_t>;
/// A duration in seconds.
using Seconds = Quantity<struct SecondsUnit, double>;
/// A data rate in bytes per second.
using BytesPerSecond = Quantity<struct BytesPerSecondUnit, double>;
/// A share between 0 and 1.
using Fraction = Quantity<struct FractionUnit, double>;

inline constexpr Bytes kKiB{std::int64_t{1} << 10};
inline constexpr Bytes kMiB{std::int64_t{1} << 20};
inline constexpr Bytes kGiB{std::int64_t{1} << 30};
inline constexpr Bytes kTiB{std::int64_t{1} << 40};

}  // namespace amorsize
