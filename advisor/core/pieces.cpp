#include "advisor/core/pieces.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

namespace {

constexpr Seconds kForRecords{10};
constexpr Seconds kLeastLead{30};
constexpr double kMostLead = 0.25;  // of the limit
constexpr double kGrace = 2.0 / 3;  // of the lead; the rest ends processes and writes records

}  // namespace

std::optional<Pieces> split_into_pieces(Seconds work, Seconds start, Seconds longest, Seconds limit,
                                        int most) {
    const Seconds lead = std::min(std::max(longest + kForRecords, kLeastLead), limit * kMostLead);
    const Seconds for_items = limit - lead - start;
    if (for_items < longest || !(for_items > Seconds{0})) return std::nullopt;
    const double needed = std::ceil(work / for_items) + 1;
    if (needed > most) return std::nullopt;
    return Pieces{static_cast<int>(needed), limit - lead, lead * kGrace};
}

}  // namespace amorsize
