#include "advisor/measure/bandwidth_kernel.hpp"

namespace amorsize::measure {

// A file of its own: it is compiled with -O3, which vectorises the loop.
void triad(double* __restrict__ a, const double* __restrict__ b, const double* __restrict__ c,
           double factor, std::size_t elements) {
    for (std::size_t i = 0; i < elements; ++i) a[i] = b[i] + factor * c[i];
}

}  // namespace amorsize::measure
