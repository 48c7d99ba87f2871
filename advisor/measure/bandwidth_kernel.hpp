#pragma once

#include <cstddef>

namespace amorsize::measure {

/// STREAM's triad: a[i] = b[i] + factor * c[i].
void triad(double* __restrict__ a, const double* __restrict__ b, const double* __restrict__ c,
           double factor, std::size_t elements);

}  // namespace amorsize::measure
