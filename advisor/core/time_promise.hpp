#pragma once

#include <cstdint>

#include "advisor/core/units.hpp"

namespace amorsize {

/// A kind of item is reckoned with if it makes up this share of the list. Rarer ones may be missing
/// from any sample that is worth its cost.
inline constexpr Fraction kLeastKind{0.1};

/// What can be promised of a time limit that rests on a sample. A kind of item that was not sampled
/// may take any time, so no limit covers it; only the chance that there is one can be said.
struct TimePromise {
    Fraction alike;   ///< chance to be taken that items like the sampled ones outlast the limit
    Fraction unseen;  ///< that the list has items of a kind of kLeastKind and the sample has none
    int samples_missing = 0;  ///< more of them would bring risk() to the one wanted

    Fraction risk() const { return {alike.value + unseen.value}; }
};

/// Each item is of the kind with chance q = kLeastKind, whatever the others are: of n sampled none
/// is with (1 - q)^n, of the N - n left one is with 1 - (1 - q)^(N - n). By Boole's inequality the
/// two chances add up to no less than the risk. `alike` is what `wanted` leaves, and half of it at
/// least, for no limit could keep to less. Without samples (times were given) all of it is.
TimePromise promise_of_time(int samples, std::int64_t items, Fraction wanted);

}  // namespace amorsize
