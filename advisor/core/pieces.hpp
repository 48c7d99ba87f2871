#pragma once

#include <optional>

#include "advisor/core/plan.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// The fewest pieces of at most `limit` that hold `work` (wall time without the start), one more
/// for what a lost node or a slow file system takes, each stopped early enough for an item of
/// `longest` to end: its length and 10 s for the records, within 30 s and a quarter of the limit.
/// Nothing if a piece has no time left for work, or more than `most` would be needed.
std::optional<Pieces> split_into_pieces(Seconds work, Seconds start, Seconds longest, Seconds limit,
                                        int most);

}  // namespace amorsize
