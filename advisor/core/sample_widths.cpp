#include "advisor/core/sample_widths.hpp"

#include <algorithm>

namespace amorsize {

namespace {

constexpr double kNearlyMost = 0.75;     // of the most company
constexpr double kWorthwhileGain = 1.1;  // of the throughput, to go on doubling the width
constexpr double kHindered = 1.5;        // times as long on all cores: fewer may be as fast

double throughput(const Accompanied& items) {
    return items.company / items.seconds.value;
}

}  // namespace

Accompanied fullest(const std::vector<Accompanied>& items) {
    double most = 0;
    for (const Accompanied& one : items) most = std::max(most, one.company);
    Accompanied sum;
    int count = 0;
    for (const Accompanied& one : items) {
        if (one.company < kNearlyMost * most) continue;
        sum.company += one.company;
        sum.seconds += one.seconds;
        ++count;
    }
    return count == 0 ? sum : Accompanied{sum.company / count, sum.seconds / count};
}

void try_widths(const WidthRange& range, const std::function<std::int64_t()>& left,
                const std::function<Accompanied(int width)>& round) {
    const auto possible = [&](std::int64_t width) {
        return static_cast<int>(std::min({width, std::int64_t{range.widest}, left()}));
    };
    int narrower = 1;
    Accompanied before{1, range.alone};
    int width = possible(range.waits ? std::max(range.cores, 2) : range.cores);
    while (width > narrower) {
        const Accompanied now = round(width);
        if (now.seconds.value <= 0) return;
        const bool gained = range.waits ? throughput(now) >= throughput(before) * kWorthwhileGain
                                        : now.seconds < range.alone * kHindered;
        if (!gained) {
            const int between = possible((narrower + width) / 2);
            if (between > narrower) round(between);
            return;
        }
        if (!range.waits) return;
        narrower = width;
        before = now;
        const std::int64_t doubled = 2 * std::int64_t{width};
        width = possible(left() < 3 * doubled ? left() : doubled);
    }
}

}  // namespace amorsize
