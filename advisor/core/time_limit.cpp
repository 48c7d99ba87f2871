#include "advisor/core/time_limit.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

Seconds whole_minutes(Seconds time, std::optional<Seconds> allowed) {
    double minutes = std::ceil(time / kLeastTimeLimit);
    if (allowed) minutes = std::min(minutes, std::floor(*allowed / kLeastTimeLimit));
    return kLeastTimeLimit * std::max(1.0, minutes);
}

}  // namespace amorsize
