#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/topology.hpp"
#include "advisor/core/units.hpp"
#include "advisor/measure/cgroup.hpp"

namespace amorsize::measure {

/// What Slurm says it granted on this node; absent outside of a job.
struct SlurmGrant {
    std::optional<int> cpus;               ///< SLURM_CPUS_ON_NODE: hardware threads
    std::optional<Bytes> memory_per_node;  ///< SLURM_MEM_PER_NODE
    std::optional<Bytes> memory_per_cpu;   ///< SLURM_MEM_PER_CPU
};

/// Looks a variable up in the environment that main read; nothing if it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The grant as Slurm's variables state it (memory in MiB; 0 means all of the node's, so no limit).
/// A value that is no whole number is ignored.
SlurmGrant slurm_grant(const EnvironmentLookup&);

/// One thing that limits the processors of this process.
struct CpuLimit {
    std::string source;  ///< "CPU affinity", "cgroup v2 /sys/fs/cgroup/job cpu.max"
    double cpus = 0;     ///< hardware threads; a quota may be a fraction

    friend bool operator==(const CpuLimit&, const CpuLimit&) = default;
};

/// The hardware threads this process may use, and why not more.
struct UsableCpus {
    std::vector<int> pus;  ///< operating system numbers it may be scheduled on, ascending
    double cpus = 0;       ///< processor time it may use at once: pus.size() or a smaller quota
    int installed = 0;     ///< hardware threads online in the machine
    std::vector<int>
        memory_nodes;  ///< NUMA nodes it may allocate on; empty: the system does not say
    std::vector<CpuLimit> limits;   ///< those below `installed`, the tightest first
    std::optional<CpuLimit> grant;  ///< what Slurm says; information, not applied

    /// Whole hardware threads to plan with: `cpus` rounded down, at least 1.
    int whole() const;
};

/// The limits on this process: affinity (Cpus_allowed_list of /proc/self/status), the cpuset
/// cgroup, and the CPU quota of every cgroup ancestor, versions 1 and 2. Throws Error (environment)
/// without /proc.
UsableCpus usable_cpus(const SystemRoot& = {}, const SlurmGrant& = {});

/// The part of a machine's topology that those CPUs are. Hardware threads outside of it go, and
/// with them cores, caches and packages left empty; a NUMA domain whose last core goes becomes
/// memory_only; domains whose memory may not be used go, and their cores count to the next domain
/// of their package, else to the first; GPUs of a domain that goes count to the first. A quota
/// below the hardware threads left takes second threads first and then whole cores, from the domain
/// with the most, so that every domain keeps its share. At least one hardware thread stays: Error
/// (environment) if the topology has none of those CPUs.
Topology restrict_to(const Topology& machine, const UsableCpus&);

}  // namespace amorsize::measure
