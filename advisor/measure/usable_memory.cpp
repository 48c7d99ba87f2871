#include "advisor/measure/usable_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "advisor/core/error.hpp"

namespace amorsize::measure {

namespace {

// Version 1 says "no limit" as the largest multiple of a page below 2^63.
constexpr long long kNoLimit = 1LL << 60;

std::optional<Bytes> kilobytes(std::string_view table, std::string_view key) {
    const auto number = number_of(table, key);
    if (!number || *number > kNoLimit / 1024) return std::nullopt;
    return Bytes{*number * 1024};
}

std::optional<Bytes> limit_in(const SystemRoot& root, const CgroupLevel& level, const char* file) {
    const auto number = leading_number(read_cgroup_file(root, level, file).value_or(""));
    if (!number || *number >= kNoLimit) return std::nullopt;
    return Bytes{*number};
}

Bytes in_use(const SystemRoot& root, const CgroupLevel& level) {
    const bool v2 = level.version == 2;
    const char* file = v2 ? "memory.current" : "memory.usage_in_bytes";
    const long long used =
        leading_number(read_cgroup_file(root, level, file).value_or("")).value_or(0);
    const std::string table = read_cgroup_file(root, level, "memory.stat").value_or("");
    auto reclaimable = number_of(table, v2 ? "inactive_file" : "total_inactive_file");
    if (!reclaimable) reclaimable = number_of(table, "inactive_file");
    return {std::max(0LL, used - reclaimable.value_or(0))};
}

void add_cgroup_limits(const SystemRoot& root, std::vector<MemoryLimit>& limits) {
    bool is_own = true;
    for (const CgroupLevel& level : cgroup_levels(root, "memory")) {
        // A version 1 ancestor without hierarchy does not count what its children use.
        const auto hierarchy = read_cgroup_file(root, level, "memory.use_hierarchy");
        const bool governs = is_own || level.version == 2 || hierarchy.value_or("1") != "0";
        is_own = false;
        if (!governs) continue;
        const std::vector<const char*> files =
            level.version == 2 ? std::vector<const char*>{"memory.max", "memory.high"}
                               : std::vector<const char*>{"memory.limit_in_bytes"};
        for (const char* file : files) {
            const auto limit = limit_in(root, level, file);
            if (!limit) continue;
            const Bytes left = *limit - in_use(root, level);
            limits.push_back({level.source(file), std::max(left, Bytes{0})});
        }
    }
}

void add_grant(const SlurmGrant& grant, std::vector<MemoryLimit>& limits) {
    if (grant.memory_per_node) {
        limits.push_back({"Slurm SLURM_MEM_PER_NODE", *grant.memory_per_node});
    } else if (grant.memory_per_cpu && grant.cpus) {
        const double bytes = static_cast<double>(grant.memory_per_cpu->value) * *grant.cpus;
        if (bytes < static_cast<double>(kNoLimit)) {
            limits.push_back({"Slurm SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE",
                              {grant.memory_per_cpu->value * *grant.cpus}});
        }
    }
}

MemoryLimit machine_limit(const std::string& meminfo) {
    if (const auto available = kilobytes(meminfo, "MemAvailable:")) {
        return {"MemAvailable", *available};
    }
    Bytes free{0};
    for (const char* part : {"MemFree:", "Inactive(file):", "SReclaimable:"}) {
        free += kilobytes(meminfo, part).value_or(Bytes{0});
    }
    return {"MemFree and reclaimable pages (this kernel has no MemAvailable)", free};
}

// The lines read "Node 0 MemFree:   123 kB".
std::optional<NodeMemory> node_memory(const SystemRoot& root, int node) {
    const std::string path = fmt::format("/sys/devices/system/node/node{}/meminfo", node);
    const auto text = read_system_file(root, path);
    if (!text) return std::nullopt;
    const std::string prefix = fmt::format("Node {} ", node);
    const auto value = [&](const char* key) {
        return kilobytes(*text, prefix + key).value_or(Bytes{0});
    };
    NodeMemory memory{node, value("MemTotal:"), value("MemFree:")};
    memory.available += value("Active(file):") + value("Inactive(file):") + value("SReclaimable:");
    memory.available = std::min(memory.available, memory.installed);
    return memory;
}

// A cpuset that leaves us some NUMA nodes only, of which MemAvailable knows nothing.
void add_allowed_nodes(const SystemRoot& root, UsableMemory& memory) {
    const std::string list = process_status_field(root, "Mems_allowed_list");
    const std::vector<int> allowed = parse_number_list(list);
    Bytes available{0};
    std::size_t found = 0;
    for (const NodeMemory& node : memory.nodes) {
        if (!std::binary_search(allowed.begin(), allowed.end(), node.os_index)) continue;
        available += node.available;
        ++found;
    }
    if (found == 0 || found == memory.nodes.size()) return;
    memory.limits.push_back({fmt::format("Mems_allowed (NUMA nodes {})", list), available});
}

}  // namespace

UsableMemory usable_memory(const SystemRoot& root, const SlurmGrant& grant) {
    const auto meminfo = read_system_file(root, "/proc/meminfo");
    const auto installed = meminfo ? kilobytes(*meminfo, "MemTotal:") : std::nullopt;
    if (!installed) {
        throw Error(ExitCode::environment,
                    fmt::format("{}/proc/meminfo: no MemTotal to read", root.prefix),
                    "mount /proc");
    }
    UsableMemory memory;
    memory.installed = *installed;
    memory.limits.push_back(machine_limit(*meminfo));
    add_cgroup_limits(root, memory.limits);
    add_grant(grant, memory.limits);
    const std::string online =
        read_system_file(root, "/sys/devices/system/node/online").value_or("");
    for (int node : parse_number_list(online)) {
        const auto found = node_memory(root, node);
        if (found && found->installed.value > 0) memory.nodes.push_back(*found);
    }
    add_allowed_nodes(root, memory);
    std::stable_sort(
        memory.limits.begin(), memory.limits.end(),
        [](const MemoryLimit& a, const MemoryLimit& b) { return a.available < b.available; });
    memory.available = memory.limits.front().available;
    return memory;
}

std::optional<Bytes> available_on(const UsableMemory& memory, int os_index) {
    for (const NodeMemory& node : memory.nodes) {
        if (node.os_index == os_index) return std::min(node.available, memory.available);
    }
    return std::nullopt;
}

}  // namespace amorsize::measure
