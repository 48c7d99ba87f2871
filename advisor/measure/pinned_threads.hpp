#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize::measure {

/// Time since `start`.
inline Seconds since(std::chrono::steady_clock::time_point start) {
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
}

/// How often to repeat: until the budget is used up, within these bounds.
struct Repeats {
    int fewest = 3;
    int most = 9;
    Seconds budget;
};

/// Runs body(i) on a thread pinned to pus[i], for every i at the same time, again and again; a
/// round begins when all threads have ended the one before. The result is each round's wall time,
/// first start to last end. `body` must not throw. Throws Error (environment) if a thread cannot be
/// started or pinned.
std::vector<Seconds> timed_rounds(const std::vector<int>& pus, const Repeats&,
                                  const std::function<void(std::size_t thread)>& body);

}  // namespace amorsize::measure
