#pragma once

#include <cstdint>
#include <vector>

#include "advisor/core/chunking.hpp"

namespace amorsize::run {

/// Items of known size, the largest first: a long item that starts last keeps one worker busy while
/// all others have ended. Chunks are then cut by size, not by number: a sequence over units() has
/// chunks of equal work.
class SizeOrder {
public:
    /// Units of an item of mean size.
    static constexpr std::int64_t kUnitsOfMeanItem = 8;

    /// `sizes`: of each position of the list to run; bytes or seconds, not negative.
    explicit SizeOrder(const std::vector<float>& sizes);

    /// The sizes of all items together; each has at least one.
    std::int64_t units() const { return starts_.empty() ? 0 : starts_.back(); }
    /// The places in this order of the items that begin in [begin, end) of the units.
    ItemSpan places(const ItemSpan& units) const;
    /// The position of the item at a place.
    std::int64_t position(std::int64_t place) const {
        return positions_[static_cast<std::size_t>(place)];
    }

private:
    std::vector<std::uint32_t> positions_;
    std::vector<std::int64_t> starts_;  ///< by place, in units, with the end of the last
};

}  // namespace amorsize::run
