#pragma once

#include <optional>

#include "advisor/core/units.hpp"

namespace amorsize {

/// Slurm counts time limits in minutes, and from one on.
inline constexpr Seconds kLeastTimeLimit{60};
/// No cluster runs a job for longer than a year.
inline constexpr Seconds kMostTimeLimit{366.0 * 24 * 3600};

/// A time limit of whole minutes that covers `time`: rounded up, but not beyond what is allowed;
/// one minute at least.
Seconds whole_minutes(Seconds time, std::optional<Seconds> allowed = std::nullopt);

}  // namespace amorsize
