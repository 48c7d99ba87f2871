#include "advisor/core/worker_memory.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

Bytes WorkerMemory::together(int workers) const {
    const Bytes mapped = common.of_worker * workers;
    return alone * workers - (mapped - std::min(mapped, common.at_most));
}

int WorkerMemory::fitting(Bytes room) const {
    const auto count = [](double workers) {
        // A hair above, so that 8 of 0.8 * 10 GiB is 8 and not 7.
        return static_cast<int>(std::clamp(std::floor(workers + 1e-9), 0.0, 1e9));
    };
    const int apart = count(room / alone);
    const Bytes own = alone - common.of_worker;
    const Bytes left = room - common.at_most;
    if (left.value <= 0 || common.of_worker.value <= 0) return apart;
    return std::max(apart, own.value > 0 ? count(left / own) : count(1e9));
}

}  // namespace amorsize
