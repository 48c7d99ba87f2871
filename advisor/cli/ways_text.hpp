#pragma once

#include <string>

#include "advisor/core/advice.hpp"

namespace amorsize::cli {

/// A way to run the job in a few words: "2 nodes, 64 workers".
std::string in_brief(const Plan&);

/// What ends sooner or costs less than the plan, of all that was compared: the Pareto set in words.
/// Empty where nothing was compared.
std::string trade_off(const Advice&);

}  // namespace amorsize::cli
