#pragma once

#include <cstdint>

#include "advisor/core/plan.hpp"
#include "advisor/core/slowdown.hpp"
#include "advisor/core/units.hpp"
#include "advisor/core/workload.hpp"

namespace amorsize {

/// Who does the work and how it is cut.
struct Crew {
    std::int64_t workers = 1;
    Slowdown slowdown;
    Schedule schedule = Schedule::factoring;
    std::int64_t chunk = 1;
    int nodes = 1;         ///< that the workers are spread over
    Fraction node_spread;  ///< standard deviation of the speeds of nodes, as of the one sampled
};

/// Standard error of the crew's pace beside that of the node sampled, in its logarithm: neither's
/// speed is known.
double pace_error(const Crew&);

/// Expected time from the first item's start to the last one's end, launch not included: a formula,
/// cheap and smooth, to rank layouts by. The mean load plus the tail of the last items still
/// running, who speed up as they become fewer; bounded from below by max(sum / workers, longest
/// item).
Seconds estimate_makespan(const Workload&, const Crew&);

/// The same by simulating the schedule over bootstrapped samples, with the error of few samples in
/// it, and in p95 and `at_risk` also times beyond the sample and nodes that differ in speed.
struct MakespanDistribution {
    WallTime wall;
    Seconds mean;     ///< what candidates are compared by: the median hides a rare bad end
    Seconds at_risk;  ///< the 1 - risk quantile, for the time limit
};
enum class Effort {
    ranking,    ///< enough replicates to tell candidates apart
    prediction  ///< enough for the 95 % quantile that is printed
};
MakespanDistribution simulate_makespan(const Workload&, const Crew&, Fraction risk,
                                       std::uint64_t seed, Effort);

/// The crew with its schedule and chunk: factoring (`one_size`: fixed) with chunks of about 0.2 s
/// of work, never so much that workers would run dry (first round of factoring: half of an equal
/// share). Where a chunk costs more than 1 % of that, chunks of one size that make a whole number
/// of rounds are compared by the formula.
Crew cut_into_chunks(const Workload&, Crew, bool one_size);

}  // namespace amorsize
