#include "mpi/run/placement.hpp"

#include <algorithm>

namespace amorsize::run {

namespace {

/// What a worker can be given of a domain: a core with all its threads, or one hardware thread.
using Slot = std::vector<int>;

std::vector<std::vector<Slot>> slots_by_domain(const Topology& usable, const WorkerShape& shape) {
    std::vector<std::vector<Slot>> slots(usable.domains.size());
    for (const Core& core : usable.cores) {
        std::vector<Slot>& here = slots[static_cast<std::size_t>(core.domain)];
        if (shape.threads_per_core <= 1) {
            here.push_back(core.pus);
            continue;
        }
        const std::size_t used =
            std::min(core.pus.size(), static_cast<std::size_t>(shape.threads_per_core));
        for (std::size_t i = 0; i < used; ++i) here.push_back({core.pus[i]});
    }
    return slots;
}

int numa_node_of(const Topology& usable, std::size_t domain) {
    return usable.domains.size() > 1 ? usable.domains[domain].os_index : -1;
}

/// How many of `workers` each domain takes, filling all to the same share of its room.
std::vector<int> spread(const std::vector<int>& room, int workers) {
    std::vector<int> taken(room.size());
    for (int i = 0; i < workers; ++i) {
        std::size_t best = 0;
        for (std::size_t d = 1; d < room.size(); ++d) {
            if ((taken[d] + 1) * room[best] < (taken[best] + 1) * room[d]) best = d;
        }
        ++taken[best];
    }
    return taken;
}

std::vector<Place> hold_to_domains(const Topology& usable,
                                   const std::vector<std::vector<Slot>>& slots, int workers) {
    std::vector<int> room;
    room.reserve(slots.size());
    for (const auto& domain : slots) room.push_back(static_cast<int>(domain.size()));
    const std::vector<int> taken = spread(room, workers);
    std::vector<Place> places;
    for (std::size_t d = 0; d < slots.size(); ++d) {
        Place place;
        place.numa_node = numa_node_of(usable, d);
        for (const Slot& slot : slots[d]) {
            place.cpus.insert(place.cpus.end(), slot.begin(), slot.end());
        }
        places.insert(places.end(), static_cast<std::size_t>(taken[d]), place);
    }
    return places;
}

}  // namespace

std::vector<Place> place_workers(const Topology& usable, const WorkerShape& shape) {
    const auto workers = static_cast<std::size_t>(std::max(shape.workers, 1));
    if (usable.cores.empty()) return std::vector<Place>(workers);

    const int slots_per_worker = std::max(1, shape.threads);
    const auto slots = slots_by_domain(usable, shape);
    std::vector<int> room;
    int total = 0;
    for (const auto& domain : slots) {
        room.push_back(static_cast<int>(domain.size()) / slots_per_worker);
        total += room.back();
    }
    if (total == 0) return std::vector<Place>(workers);
    const bool share_cores = total < shape.workers || shape.threads_per_core > 1;
    if (share_cores) return hold_to_domains(usable, slots, shape.workers);

    const std::vector<int> taken = spread(room, shape.workers);
    std::vector<Place> places;
    for (std::size_t d = 0; d < slots.size(); ++d) {
        auto next = slots[d].begin();
        for (int i = 0; i < taken[d]; ++i) {
            Place place;
            place.numa_node = numa_node_of(usable, d);
            for (int k = 0; k < slots_per_worker; ++k, ++next) {
                place.cpus.insert(place.cpus.end(), next->begin(), next->end());
            }
            places.push_back(std::move(place));
        }
    }
    return places;
}

std::vector<int> share_of_cpus(const std::vector<int>& cpus, int rank, int ranks) {
    const std::size_t count = cpus.size();
    const auto index = static_cast<std::size_t>(rank);
    const auto parts = static_cast<std::size_t>(ranks);
    if (count < parts) return {cpus[index % count]};
    const auto first = cpus.begin() + static_cast<std::ptrdiff_t>(count * index / parts);
    const auto last = cpus.begin() + static_cast<std::ptrdiff_t>(count * (index + 1) / parts);
    return {first, last};
}

}  // namespace amorsize::run
