#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/units.hpp"

namespace amorsize::measure {

/// A figure that is missing, and why.
struct Unmeasured {
    std::string what;  ///< "fork at a resident size"
    std::string why;   ///< "8 MiB are usable"
};

/// Median and relative spread (interquartile range over median) of repeated measurements.
/// There must be at least one.
template <class Q>
Measured<Q> summarise(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const double median = quantile(values, 0.5);
    const double range = quantile(values, 0.75) - quantile(values, 0.25);
    const double spread = median == 0 ? 0 : range / std::abs(median);
    if constexpr (std::is_arithmetic_v<Q>) {
        return {median, {spread}};
    } else {
        return {Q{median}, {spread}};
    }
}

}  // namespace amorsize::measure
