#include "advisor/core/time_promise.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

namespace {

double unseen_after(std::int64_t samples, std::int64_t items) {
    if (samples >= items) return 0;
    const double other = 1 - kLeastKind.value;
    return std::pow(other, static_cast<double>(samples)) *
           (1 - std::pow(other, static_cast<double>(items - samples)));
}

}  // namespace

TimePromise promise_of_time(int samples, std::int64_t items, Fraction wanted) {
    TimePromise promise;
    promise.alike = wanted;
    if (samples < 1) return promise;
    const double half = wanted.value / 2;
    promise.unseen = {unseen_after(samples, items)};
    promise.alike = {std::max(half, wanted.value - promise.unseen.value)};
    while (unseen_after(samples + promise.samples_missing, items) > half) ++promise.samples_missing;
    return promise;
}

}  // namespace amorsize
