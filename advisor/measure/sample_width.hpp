#pragma once

#include <functional>
#include <vector>

#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

/// Company of an item, in widths, from which on it counts for that width.
inline constexpr double kNearlyFull = 0.75;

/// Items a slot runs in one round: enough that the round lasts and most of each one's time has
/// company.
int turns(const SampleSession&);

/// The hardware threads of slot `slot` of `width`: cores of its own; any (empty) where there are
/// not enough.
std::vector<int> own_cores(const SampleSession&, int slot, int width);

/// Runs rounds of growing width: all usable cores, then, for items that wait, twice as wide each
/// time while the throughput still grows by 10 % and memory and open files allow. `round` gives the
/// mean time of an item beside width - 1 others, 0 to stop.
void widen(SampleSession&, const std::function<Seconds(int width)>& round);

}  // namespace amorsize::measure
