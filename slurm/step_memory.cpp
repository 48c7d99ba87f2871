#include "slurm/step_memory.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <utility>

#include "advisor/core/host_list.hpp"

namespace amorsize::slurm {

namespace {

constexpr std::size_t kMostNodes = 1 << 16;

/// Times compare as text: "2026-11-25T12:55:57", and "Unknown", the end of what still runs, after
/// all of them.
Bytes most_at_once_on_one_node(std::vector<const StepMemory*> steps) {
    std::sort(steps.begin(), steps.end(), [](const StepMemory* left, const StepMemory* right) {
        return left->start < right->start;
    });
    using Ending = std::pair<std::string, Bytes>;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> running;
    Bytes held;
    Bytes most;
    for (const StepMemory* step : steps) {
        while (!running.empty() && running.top().first <= step->start) {
            held -= running.top().second;
            running.pop();
        }
        running.emplace(step->end, step->peak);
        held += step->peak;
        most = std::max(most, held);
    }
    return most;
}

}  // namespace

Bytes fullest_node(Bytes largest, Bytes smallest, Bytes sum, int tasks, int nodes) {
    const int on_node = (tasks + nodes - 1) / nodes;
    const Bytes by_largest = largest * static_cast<double>(on_node);
    if (sum.value <= 0) return by_largest;
    const Bytes by_sum = sum - smallest * static_cast<double>(tasks - on_node);
    return std::max(largest, std::min(by_largest, by_sum));
}

Bytes most_at_once(const std::vector<StepMemory>& steps) {
    Bytes most;
    std::map<std::string, std::vector<const StepMemory*>> on_node;
    for (const StepMemory& step : steps) {
        most = std::max(most, step.peak);
        const auto nodes = HostList::parse(step.nodes);
        if (!nodes || step.start.empty()) continue;
        for (const std::string& node : nodes->names(kMostNodes)) on_node[node].push_back(&step);
    }
    for (const auto& [node, steps_there] : on_node) {
        most = std::max(most, most_at_once_on_one_node(steps_there));
    }
    return most;
}

}  // namespace amorsize::slurm
