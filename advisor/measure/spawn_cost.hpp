#pragma once

#include <optional>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/measure/measured.hpp"
#include "advisor/measure/usable_memory.hpp"

namespace amorsize::measure {

/// What it costs here to start another thread of execution: medians, with their spread.
struct SpawnReport {
    std::optional<Measured<Seconds>> exec;  ///< posix_spawn of `true` until it has ended
    std::optional<Measured<Seconds>>
        fork_per_gib;                         ///< what each GiB of touched memory adds to a fork
    std::optional<Measured<Seconds>> thread;  ///< start and join of a thread
    std::vector<Unmeasured> unmeasured;
};

/// Measures within about `budget`. Fork is timed at three resident sizes, the largest 256 MiB or
/// 1/8 of the usable memory, with pages really touched and the system's own huge page policy; the
/// slope is fitted by least squares, once per repetition. Below 24 MiB per size it is left out: the
/// slope drowns in noise.
SpawnReport measure_spawn(const UsableMemory&, Seconds budget);

/// The model's figures, if all three were measured.
std::optional<SpawnCost> spawn_cost(const SpawnReport&);

}  // namespace amorsize::measure
