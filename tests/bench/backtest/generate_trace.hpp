#pragma once

#include <cstdint>
#include <vector>

#include "advisor/core/backtest.hpp"

namespace amorsize::bench {

/// A trace as scientific workflows leave them: some dozens of processes with few to thousands of
/// tasks each, interleaved sample by sample; peaks constant, proportional to the input, saturating,
/// power laws, bimodal, heavy-tailed, drifting or unrelated to the input; label-like requests two
/// to twenty times too large and a few too small; run times that follow the input; inputs missing,
/// tied or repeated; some run times of 0. What kinds prevail, and how noisy they are, is drawn anew
/// for each seed.
std::vector<TraceTask> generate_trace(std::uint64_t seed, int tasks);

}  // namespace amorsize::bench
