#include "advisor/core/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace amorsize {

int hardware_threads(const Topology& topology) {
    int threads = 0;
    for (const Core& core : topology.cores) threads += static_cast<int>(core.pus.size());
    return threads;
}

int threads_per_core(const Topology& topology) {
    std::size_t fewest = topology.cores.empty() ? 1 : topology.cores.front().pus.size();
    for (const Core& core : topology.cores) fewest = std::min(fewest, core.pus.size());
    return static_cast<int>(fewest);
}

int cores_of_domain(const Topology& topology, int domain) {
    return static_cast<int>(std::count_if(topology.cores.begin(), topology.cores.end(),
                                          [&](const Core& core) { return core.domain == domain; }));
}

int l3_caches_of_domain(const Topology& topology, int domain) {
    std::set<int> caches;
    for (const Core& core : topology.cores) {
        if (core.domain == domain) caches.insert(core.l3);
    }
    return static_cast<int>(caches.size());
}

std::string describe(const Topology& topology) {
    const auto count = [](int number, const char* noun) {
        return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
    };
    return fmt::format("{}, {}, {}, {}", count(topology.packages, "package"),
                       count(static_cast<int>(topology.domains.size()), "NUMA domain"),
                       count(static_cast<int>(topology.cores.size()), "core"),
                       count(hardware_threads(topology), "hardware thread"));
}

}  // namespace amorsize
