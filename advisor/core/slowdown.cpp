#include "advisor/core/slowdown.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

double Slowdown::with(double share) const {
    const double at = std::clamp(share, 0.0, 1.0) * kSteps;
    const auto step = std::min(static_cast<std::size_t>(at), std::size_t{kSteps - 1});
    return std::lerp(factors_[step], factors_[step + 1], at - static_cast<double>(step)) / of_all();
}

double Slowdown::down_from(double share) const {
    if (share <= 0) return with(0);
    double sum = 0;  // of trapezia
    double from = 0;
    for (int step = 1; step <= kSteps && from < share; ++step) {
        const double to = std::min(share, static_cast<double>(step) / kSteps);
        sum += (with(from) + with(to)) / 2 * (to - from);
        from = to;
    }
    return sum / share;
}

}  // namespace amorsize
