#pragma once

#include <string>

#include "advisor/core/topology.hpp"
#include "advisor/measure/cgroup.hpp"

namespace amorsize::measure {

/// What hwloc finds out about a machine.
struct Machine {
    Topology topology;      ///< all of it that is online, allowed or not: see restrict_to()
    std::string cpu_model;  ///< "AMD EPYC 7763 64-Core Processor"; empty if it does not say
    bool this_machine =
        true;  ///< false: described by HWLOC_XMLFILE or HWLOC_SYNTHETIC, limits here say nothing
    std::string source;  ///< "this machine", "HWLOC_XMLFILE x.xml", "HWLOC_SYNTHETIC pack:2 ..."
};

/// This machine, or the one that HWLOC_XMLFILE (a path) or else HWLOC_SYNTHETIC describes in its
/// place. Throws Error (bad_input) if such a description is refused, Error (environment) if
/// discovery fails.
Machine discover_machine();

/// The topology of discover_machine().
Topology discover_topology();

/// The topology an hwloc synthetic description means: "pack:2 numa:4 core:16 pu:2". Memory and
/// cache sizes are unknown (0) unless the description gives any ("numa:4(memory=64GB)",
/// "l3:2(size=32MB)"). Throws Error (bad_input) naming the first word hwloc refuses, or more than
/// 16384 hardware threads.
Topology topology_from_synthetic(const std::string& description);

/// The topology of an hwloc XML file (lstopo x.xml), less what its machine did not allow to use.
/// Throws Error (bad_input) if the file cannot be read or is none.
Topology topology_from_xml(const std::string& path);

}  // namespace amorsize::measure
