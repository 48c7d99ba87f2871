#pragma once

#include <optional>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize {

/// Relative node throughput seen when `workers` ran side by side, one worker alone being 1.
struct CoRun {
    int workers = 1;
    double throughput = 1;

    friend bool operator==(const CoRun&, const CoRun&) = default;
};

/// What a plan takes the items to be, kept for the comparison with what they were.
struct PlannedItems {
    std::optional<Bytes> memory;  ///< of one worker
    double slowdown = 1;         ///< time of an item side by side as planned over that of one alone
    std::vector<CoRun> co_runs;  ///< what is known of items side by side
};

}  // namespace amorsize
