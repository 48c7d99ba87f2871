#include "advisor/core/time_limit.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

namespace {
constexpr double kMostMinutes = 366 * 24 * 60;  // no cluster runs a job for longer than a year
}  // namespace

Seconds whole_minutes(Seconds time, std::optional<Seconds> allowed) {
    double minutes = std::min(std::ceil(time / kLeastTimeLimit), kMostMinutes);
    if (allowed) minutes = std::min(minutes, std::floor(*allowed / kLeastTimeLimit));
    return kLeastTimeLimit * std::max(1.0, minutes);
}

}  // namespace amorsize
