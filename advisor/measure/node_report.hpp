#pragma once

#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/topology.hpp"
#include "advisor/core/units.hpp"
#include "advisor/measure/bandwidth.hpp"
#include "advisor/measure/cgroup.hpp"
#include "advisor/measure/core_speed.hpp"
#include "advisor/measure/measured.hpp"
#include "advisor/measure/spawn_cost.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "advisor/measure/usable_memory.hpp"

namespace amorsize::measure {

/// What a node says of itself without running anything: takes milliseconds.
struct NodeQuick {
    std::string host;
    std::string boot_id;  ///< changes with every boot; empty if the kernel does not tell
    std::string kernel;   ///< release, "6.1.0-18-amd64"
    std::string cpu_model;
    std::string hardware_key;     ///< see hardware_key()
    std::string topology_source;  ///< "this machine", "HWLOC_XMLFILE x.xml", "HWLOC_SYNTHETIC ..."
    bool this_machine =
        true;  ///< false: the topology was described; `cpus` and `memory` are this machine's
    Topology machine;   ///< everything online
    Topology topology;  ///< what this process may use of it; all of it if it was described
    UsableCpus cpus;
    UsableMemory memory;
};

/// Topology, limits and identity of this node. The grant is what main read of Slurm's variables.
/// Throws Error (bad_input) for a refused HWLOC_XMLFILE or HWLOC_SYNTHETIC, Error (environment)
/// without /proc.
NodeQuick measure_quick(const SlurmGrant& = {}, const SystemRoot& = {});

/// What nodes of one class have in common, as one line of text: CPU model, shape, installed memory,
/// kernel. The shape is of the whole machine, so that it does not depend on what a job was granted.
/// Memory is rounded to 1/32 of its power of two: equal nodes differ by some MiB, a missing DIMM by
/// more.
std::string hardware_key(const std::string& cpu_model, const Topology& machine, Bytes installed,
                         const std::string& kernel);

/// Shape of a topology as text that is equal for equal shapes: "2p l3:4x32M d0:8c16t d1:8c16t".
std::string shape(const Topology&);

/// The node as a class of the model: its usable topology and memory. A described topology brings
/// its own memory, where it states any. Memory of a domain is what is available there, at most that
/// of the node.
NodeClass node_class(const NodeQuick&, const std::string& name);

/// Everything a node can measure about itself.
struct NodeReport {
    NodeQuick quick;
    SpawnReport spawn;
    BandwidthReport bandwidth;
    CoreSpeedReport cores;
    Seconds took;
    std::vector<Unmeasured> unmeasured;  ///< of all parts, with the reason
};

/// The quick part plus spawn cost, bandwidth and core speed within about `budget` (half of it for
/// bandwidth). A part that fails leaves a reason in `unmeasured`, not an exception; so does a
/// machine that is described and not here. Run one per node at a time: two disturb each other.
NodeReport measure_full(const NodeQuick&, Seconds budget = {4});

/// As above, with the figures that were measured. NodeFigures::core_speed stays open, since it
/// compares classes: divide CoreSpeedReport::one_core_rate of each by that of one of them.
NodeClass node_class(const NodeReport&, const std::string& name);

}  // namespace amorsize::measure
