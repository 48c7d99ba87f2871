#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/measure/cgroup.hpp"
#include "advisor/measure/usable_cpus.hpp"

namespace amorsize::measure {

/// One thing that limits how much more memory may be taken on this node.
struct MemoryLimit {
    std::string source;  ///< "MemAvailable", "cgroup v2 /sys/fs/cgroup/job memory.max", "Slurm
                         ///< SLURM_MEM_PER_NODE"
    Bytes available;     ///< what it still leaves; never negative

    friend bool operator==(const MemoryLimit&, const MemoryLimit&) = default;
};

/// Memory of one NUMA node, in the kernel's own counting.
struct NodeMemory {
    int os_index = 0;
    Bytes installed;
    Bytes available;  ///< free, or page cache and slab that the kernel can give back
};

/// The memory a job of this process could still take.
struct UsableMemory {
    Bytes available;                  ///< the smallest of the limits
    Bytes installed;                  ///< MemTotal
    std::vector<MemoryLimit> limits;  ///< every limit found, the tightest first; never empty
    std::vector<NodeMemory>
        nodes;  ///< by NUMA node as the kernel numbers them; empty if it does not say
};

/// The smallest of
///  - MemAvailable (before Linux 3.14: free + inactive file pages + reclaimable slab),
///  - for the memory cgroup and each of its ancestors, the limit less what is in use there, where
///  inactive
///    file pages count as free (version 1: memory.limit_in_bytes, version 2: memory.max and
///    memory.high),
///  - what is available on the NUMA nodes a cpuset leaves us, if those are not all,
///  - what Slurm granted: per node, else per CPU times the CPUs on the node.
/// Throws Error (environment) if /proc/meminfo cannot be read.
UsableMemory usable_memory(const SystemRoot& = {}, const SlurmGrant& = {});

/// What a job may take of one NUMA node's memory: what is available there, and no more than on the
/// whole machine. Nothing if the kernel does not tell nodes apart.
std::optional<Bytes> available_on(const UsableMemory&, int os_index);

}  // namespace amorsize::measure
