#include "advisor/core/sample_widths.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

namespace {

constexpr double kNearlyMost = 0.75;     // of the most company
constexpr double kWorthwhileGain = 1.1;  // of the throughput, to go on doubling the width
constexpr double kWaits = 0.7;           // below which share of its time an item counts as waiting
constexpr double kLeastBusy = 0.01;
constexpr double kFirstWaitingPerCore = 4;  // as the plan would have where no round is run
constexpr double kHardlySlower = 1.25;
constexpr double kHindered = 1.5;  // times as long on all cores: fewer may be as fast

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
    const bool waits = range.busy < kWaits;
    const double useful = range.cores / std::max(range.busy, kLeastBusy);
    const double most =
        waits ? std::min<double>(range.widest, std::ceil(2 * useful)) : range.widest;
    const auto possible = [&](double width) {
        return static_cast<int>(std::min({width, most, static_cast<double>(left())}));
    };
    int narrower = 1;
    Accompanied before{1, range.alone};
    int width = possible(waits ? std::max(2.0, std::min(useful, kFirstWaitingPerCore * range.cores))
                               : range.cores);
    while (width > narrower) {
        const Accompanied now = round(width);
        if (now.seconds.value <= 0) return;
        const bool gained = waits ? throughput(now) >= throughput(before) * kWorthwhileGain
                                  : now.seconds < range.alone * kHindered;
        if (!gained) {
            const int between = possible((narrower + width) / 2);
            if (between > narrower) round(between);
            return;
        }
        if (!waits) return;
        narrower = width;
        before = now;
        const double wider = width * (now.seconds < range.alone * kHardlySlower ? 4.0 : 2.0);
        const auto rest = static_cast<double>(left());
        width = possible(rest < 3 * wider ? rest : wider);
    }
}

}  // namespace amorsize
