#pragma once

#include <optional>
#include <span>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize {

/// An item that was timed, and the size of the file it named.
struct SizedTime {
    double seconds = 0;
    Bytes input;
};

/// What the items to come may take, by the sizes of their inputs.
struct TimesByInput {
    std::vector<double> expected;  ///< seconds, of as many as sizes were given; ascending
    std::vector<double> ratios;    ///< time over what the size lets expect, of each item that was
                                   ///< timed; ascending, their mean is 1
    double longest = 0;            ///< seconds expected of the largest input to come
    Bytes largest;                 ///< that input
    Bytes largest_timed;           ///< a larger one's time is extrapolated
};

/// Nothing unless the sizes of the items to come are known, times rise with size (Kendall's tau,
/// one-sided p <= 0.05) and the sizes explain a fifth of what the logarithms of the times scatter,
/// each item left out in turn. The line `a + b size` has the least squares of relative errors, so
/// that items of any size count alike; a is a fifth of the shortest time at least, for no item
/// takes nothing. It breaks where times grow faster than in proportion to the size beyond the
/// largest timed.
std::optional<TimesByInput> times_by_input(std::span<const SizedTime> timed,
                                           std::span<const Bytes> inputs, Bytes largest);

}  // namespace amorsize
