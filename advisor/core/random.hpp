#pragma once

#include <cstdint>

namespace amorsize {

/// SplitMix64 (Steele, Lea, Flood 2014). The standard library's distributions differ between
/// implementations; advice must not.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    /// In (0, 1).
    double uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1.0p-53; }
    /// In [0, bound); the bias is below 2^-32 for the sizes used here.
    std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>(uniform() * static_cast<double>(bound));
    }

private:
    std::uint64_t state_;
};

}  // namespace amorsize
