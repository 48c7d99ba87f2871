#pragma once

#include <optional>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/topology.hpp"
#include "advisor/measure/measured.hpp"

namespace amorsize::measure {

/// How fast the cores compute. The kernel is a small Monte Carlo integration: random numbers,
/// dependent floating point, a branch that cannot be predicted, everything in registers. What two
/// threads on a core yield depends on the program; this one is neither the best nor the worst case.
struct CoreSpeedReport {
    double one_core_rate = 0;  ///< steps a second of one core alone: compare classes by it
    std::optional<Measured<double>>
        all_core_speed;                         ///< a core's speed with all busy, over one alone
    std::optional<Measured<double>> smt_yield;  ///< throughput of two threads on a core over one
    std::vector<Unmeasured> unmeasured;
};

/// Measures within about `budget`, in processor time, so that a neighbour or a CPU quota that takes
/// a core away does not count as slowness. On hybrid machines the cores of the fastest kind are
/// compared. Throws Error (environment) if threads cannot be started or pinned.
CoreSpeedReport measure_core_speed(const Topology& usable, Seconds budget);

}  // namespace amorsize::measure
