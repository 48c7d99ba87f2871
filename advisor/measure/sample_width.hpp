#pragma once

#include <functional>
#include <vector>

#include "advisor/core/sample_widths.hpp"
#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

/// Items a slot runs in one round of that width: enough that the round lasts and most of each one's
/// time has company, and to make up for items that were too dear to run alone.
int turns(const SampleSession&, int width);

/// The hardware threads of slot `slot` of `width`: cores of its own; any (empty) where there are
/// not enough.
std::vector<int> own_cores(const SampleSession&, int slot, int width);

/// Runs the rounds of advisor/core/sample_widths.hpp; each takes `items_each` items a slot at
/// least.
void widen(SampleSession&, int items_each, const std::function<Accompanied(int width)>& round);

}  // namespace amorsize::measure
