#include "advisor/core/sample_worth.hpp"

#include <algorithm>

#include "advisor/core/time_promise.hpp"

namespace amorsize {

namespace {

constexpr double kRegretOfMean = 1.0 / 8;

/// Chance beyond the accepted one that the request falls short.
double shortfall(int samples, const SampleStake& stake) {
    if (samples >= stake.items) return 0;
    const double memory = 1.0 / (samples + 1);
    const double unseen = promise_of_time(samples, stake.items, stake.risk).unseen.value;
    return std::max(0.0, std::max(memory, unseen) - stake.risk.value);
}

/// Share of the run that is lost by knowing no more than so many samples tell.
double loss(int samples, const SampleStake& stake) {
    if (samples >= stake.items) return 0;
    const double misjudged = kRegretOfMean * stake.cv * stake.cv / samples;
    return std::min(1.0, kLostByShortfall.value * shortfall(samples, stake) + misjudged);
}

}  // namespace

Seconds worth_of_next_sample(int samples, const SampleStake& stake) {
    if (samples >= stake.items) return {};
    if (samples < 1) return stake.run;
    return stake.run * std::max(0.0, loss(samples, stake) - loss(samples + 1, stake));
}

int further_samples(int samples, int most, Seconds cost, const SampleStake& stake) {
    const auto end = static_cast<int>(std::min<std::int64_t>(most, stake.items));
    int all = samples;
    while (all < end && worth_of_next_sample(all, stake) > cost) ++all;
    return std::max(all - samples, 0);
}

}  // namespace amorsize
