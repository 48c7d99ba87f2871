#pragma once

#include <string>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize {

/// One physical core.
struct Core {
    int package = 0;  ///< index of its package
    int domain = 0;   ///< index into Topology::domains
    int l3 = 0;  ///< index of the last-level cache it shares; the domain's own where there is none
    int kind = 0;          ///< hybrid machines: 0 is the slowest kind, as hwloc ranks them
    std::vector<int> pus;  ///< operating system numbers of its usable hardware threads, ascending
};

/// Cores that share one local memory.
struct NumaDomain {
    int os_index = 0;
    Bytes memory;  ///< installed and online; 0 where the topology does not say
};

/// The shape of one node, restricted to what may be used. Discovered, or read from hwloc's XML or
/// synthetic descriptions; everything downstream sees only this value.
struct Topology {
    int packages = 0;
    int l3_caches = 0;                ///< groups of cores that share a last-level cache
    Bytes l3_size;                    ///< of one such cache; 0 if unknown
    std::vector<Core> cores;          ///< ordered by domain, then as hwloc orders them
    std::vector<NumaDomain> domains;  ///< with at least one core each, in hwloc's logical order
    std::vector<NumaDomain>
        memory_only;  ///< CPU-less memory: HBM, CXL, and nodes whose cores are not ours
    std::vector<int> gpus_per_domain;  ///< by index into domains; empty if none were seen
};

/// Hardware threads over all cores.
int hardware_threads(const Topology&);
/// The number of hardware threads every core has at least.
int threads_per_core(const Topology&);
/// Cores of one domain.
int cores_of_domain(const Topology&, int domain);
/// L3 groups inside one domain.
int l3_caches_of_domain(const Topology&, int domain);
/// "2 packages, 8 NUMA domains, 128 cores, 256 threads".
std::string describe(const Topology&);

}  // namespace amorsize
