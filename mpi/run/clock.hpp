#pragma once

#include <chrono>

#include "advisor/core/units.hpp"

namespace amorsize::run {

using SteadyClock = std::chrono::steady_clock;

/// A point of the steady clock in seconds since 1970, as the wall clock read when the run started.
class WallTimes {
public:
    double operator()(SteadyClock::time_point point) const {
        return wall_ + std::chrono::duration<double>(point - steady_).count();
    }

private:
    SteadyClock::time_point steady_ = SteadyClock::now();
    double wall_ =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
};

inline SteadyClock::duration steady(Seconds seconds) {
    return std::chrono::duration_cast<SteadyClock::duration>(
        std::chrono::duration<double>(seconds.value));
}

inline double seconds_between(SteadyClock::time_point from, SteadyClock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

}  // namespace amorsize::run
