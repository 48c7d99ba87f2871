#include "advisor/core/sample_widths.hpp"

#include <algorithm>
#include <cmath>

#include "advisor/core/workload.hpp"

namespace amorsize {

namespace {

constexpr double kNearlyMost = 0.75;     // of the most company
constexpr double kWorthwhileGain = 1.1;  // of the throughput, to go on doubling the width
constexpr double kLeastBusy = 0.01;
constexpr double kHindered = 1.5;  // times as long on all cores: fewer may be as fast
constexpr double kSaturated = 2;   // times as long: wider would do hardly more

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
    const bool waits = range.busy < kWaitingShare;
    const double useful = range.cores / std::max(range.busy, kLeastBusy);
    const double most =
        waits ? std::min<double>(range.widest, std::ceil(kKeepsBusy * useful)) : range.widest;
    const auto possible = [&](double width) {
        return static_cast<int>(std::min({width, most, static_cast<double>(left())}));
    };
    // Back from a width that was too much. Of a thing that serves so many at once, twice as many
    // keep it busy; where those hardly slow each other, the best lies above them.
    const auto look_between = [&](int narrow, int wide, const Accompanied& at_wide) {
        const double halfway = (narrow + wide) / 2.0;
        const double served = throughput(at_wide) * range.alone.value;  // at once, as if alone
        const int width = possible(waits ? std::min(halfway, 2 * served) : halfway);
        if (width <= narrow) return;
        const Seconds taken = round(width).seconds;
        const bool scaled = taken.value > 0 && taken < range.alone * kHardlySlower;
        const int wider = possible(std::sqrt(static_cast<double>(width) * wide));
        if (waits && scaled && wider > width) round(wider);
    };
    int narrower = 1;
    Accompanied before{1, range.alone};
    int width =
        possible(waits ? std::max(2.0, std::min<double>(useful, kFirstWaitingPerCore * range.cores))
                       : range.cores);
    while (width > narrower) {
        const Accompanied now = round(width);
        if (now.seconds.value <= 0) return;
        const double slower = now.seconds / range.alone;
        const bool gained =
            waits ? throughput(now) >= throughput(before) * kWorthwhileGain : slower < kHindered;
        if (!gained || slower >= kSaturated) return look_between(narrower, width, now);
        if (!waits) {
            const bool undisturbed = width == range.cores && slower < kHardlySlower;
            const int all = range.on_all_threads;
            if (undisturbed && all > width && possible(all) == all) round(all);
            return;
        }
        narrower = width;
        before = now;
        const double wider = width * (slower < kHardlySlower ? kWiderUndisturbed : 2);
        const auto rest = static_cast<double>(left());
        width = possible(rest < 3 * wider ? rest : wider);
    }
}

}  // namespace amorsize
