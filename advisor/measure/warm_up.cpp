#include "advisor/measure/warm_up.hpp"

#include <algorithm>

namespace amorsize::measure {

namespace {

constexpr double kFarMore = 1.5;
constexpr double kMost = 0.5;  // of the excess

Seconds with_a_core(const ItemRun& run) {
    return run.seconds - run.queued;
}
Seconds waiting(const ItemRun& run) {
    return with_a_core(run) - run.user - run.system;
}
Seconds in_system(const ItemRun& run) {
    return run.system;
}
Bytes held(const ItemRun& run) {
    return run.peak_memory;
}
Bytes moved(const ItemRun& run) {
    return run.io ? run.io->read + run.io->written : Bytes{};
}

template <class Figure>
auto largest(const std::vector<ItemRun>& runs, Figure figure) {
    auto most = figure(runs.front());
    for (const ItemRun& run : runs) most = std::max(most, figure(run));
    return most;
}

}  // namespace

bool slowed_as_first(const ItemRun& first, const std::vector<ItemRun>& others) {
    if (others.empty()) return false;
    const auto far_more = [&](auto figure) {
        return figure(first) > largest(others, figure) * kFarMore;
    };
    const auto excess = [&](auto figure) { return figure(first) - largest(others, figure); };
    if (!far_more(with_a_core)) return false;
    const Seconds most = excess(with_a_core) * kMost;
    const bool for_disk = others.size() >= 2 && first.read_from_disk && excess(waiting) > most;
    const bool in_kernel = excess(in_system) > most && !far_more(held) && !far_more(moved);
    return for_disk || in_kernel;
}

}  // namespace amorsize::measure
