#pragma once

#include <cstdint>

#include "advisor/core/units.hpp"

namespace amorsize {

/// What depends on a sample.
struct SampleStake {
    Seconds run;             ///< wall time of the plan, as far as it is known
    std::int64_t items = 0;  ///< of the list
    double cv = 0;           ///< of the times sampled
    Fraction risk{0.05};     ///< accepted chance that memory or time runs out
};

/// What one more item beside `samples` is expected to save of the run: what of two losses it makes
/// smaller.
///
/// - The request falls short, and kLostByShortfall of the run is done again. The chance is the
///   larger of what the advice prints: 1/(n + 1) for memory (exchangeability), and for time that a
///   kind of item was not seen (time_promise.hpp). What lies below the risk accepted is no loss.
/// - The layout is chosen by a mean that is off by e, which costs a run of W/N + b N the share
/// e^2/8
///   of its time, to second order; e^2 is cv^2/n.
///
/// Zero once every item is sampled. Without any sample all is at stake: the whole run.
Seconds worth_of_next_sample(int samples, const SampleStake&);

/// Items to sample beside `samples` if each costs `cost`: as long as the next is worth it, at most
/// `most` in all. Never more than the list has.
int further_samples(int samples, int most, Seconds cost, const SampleStake&);

/// Of a run whose memory or time ran out; the rest is on record and is not done again (assumed).
inline constexpr Fraction kLostByShortfall{0.1};

}  // namespace amorsize
