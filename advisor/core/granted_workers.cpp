#include "advisor/core/granted_workers.hpp"

#include <algorithm>
#include <cstdint>

namespace amorsize {

int planned_workers(const Plan& plan, int rank) {
    const auto index = static_cast<std::size_t>(rank);
    return std::max(
        1, index < plan.ranks.size() ? plan.ranks[index].workers : plan.layout.workers_per_rank);
}

Bytes memory_of_worker(const Plan& plan) {
    return (plan.predicted.memory_per_node - plan.predicted.memory_once) /
           std::max(1, plan.layout.workers_per_node());
}

int workers_on_cpus(const Plan& plan, int planned, int hardware_threads) {
    const int on = std::max(1, plan.request.cpus_per_task);
    if (hardware_threads >= on) return planned;
    return std::max(1, static_cast<int>(std::int64_t{planned} * hardware_threads / on));
}

std::optional<int> workers_in_memory(const Plan& plan, Bytes memory) {
    const Bytes each = memory_of_worker(plan);
    if (each.value <= 0) return std::nullopt;
    const Bytes left =
        memory - plan.predicted.memory_once / std::max(1, plan.layout.ranks_per_node);
    return static_cast<int>(std::clamp<std::int64_t>(left.value / each.value, 1, 1 << 20));
}

}  // namespace amorsize
