#include "mpi/run/size_order.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace amorsize::run {

SizeOrder::SizeOrder(const std::vector<float>& sizes) : positions_(sizes.size()) {
    std::iota(positions_.begin(), positions_.end(), 0U);
    const auto size_of = [&](std::uint32_t position) { return sizes[position]; };
    std::stable_sort(positions_.begin(), positions_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return size_of(a) > size_of(b); });
    const double sum = std::accumulate(sizes.begin(), sizes.end(), 0.0);
    const double unit =
        sum / static_cast<double>(std::max<std::size_t>(1, sizes.size())) / kUnitsOfMeanItem;
    starts_.reserve(sizes.size() + 1);
    std::int64_t start = 0;
    for (const std::uint32_t position : positions_) {
        starts_.push_back(start);
        start += unit > 0 ? std::max<std::int64_t>(1, std::llround(size_of(position) / unit)) : 1;
    }
    if (!starts_.empty()) starts_.push_back(start);
}

ItemSpan SizeOrder::places(const ItemSpan& units) const {
    if (starts_.empty()) return {};
    const auto last = std::prev(starts_.end());
    const auto place = [&](std::int64_t unit) {
        return std::lower_bound(starts_.begin(), last, unit) - starts_.begin();
    };
    return {place(units.begin), place(units.end)};
}

}  // namespace amorsize::run
