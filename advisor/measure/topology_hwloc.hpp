#pragma once

// Private to advisor/measure: the only header that shows hwloc's types.

#include <hwloc.h>

#include <string>

#include "advisor/core/topology.hpp"

namespace amorsize::measure {

/// Owns an hwloc topology from init to destroy.
class HwlocTopology {
public:
    /// Keeps only what a Topology says: packages, cores, L3 caches, groups, NUMA nodes, hardware
    /// threads.
    HwlocTopology();
    ~HwlocTopology();
    HwlocTopology(const HwlocTopology&) = delete;
    HwlocTopology& operator=(const HwlocTopology&) = delete;

    hwloc_topology_t get() const { return handle_; }

private:
    hwloc_topology_t handle_ = nullptr;
};

/// The value of a loaded hwloc topology. Several NUMA nodes can be local to the same cores (HBM
/// beside DRAM): the domain is then the one hwloc does not call by another name than DRAM, next the
/// one that is local to the fewest cores, next the one the kernel numbers first (it numbers nodes
/// with CPUs before CPU-less ones); the others are memory_only. Cores without local memory belong
/// to the next domain of their package, else to the first. Machines without core objects have a
/// core per hardware thread.
Topology read_topology(hwloc_topology_t);

/// hwloc's name of the processor; empty if it has none.
std::string cpu_model(hwloc_topology_t);

/// Info attribute of a NUMA node in the XML we write: how many GPUs are near it.
inline constexpr const char* kGpuCountInfo = "GPUCount";

/// Whether a PCI device computes: NVIDIA's, AMD's data centre parts (class "display, other" or
/// "processing accelerator") and Intel's, but no plain display adapter.
bool is_gpu(unsigned pci_class, unsigned vendor);

}  // namespace amorsize::measure
