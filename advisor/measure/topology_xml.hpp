#pragma once

#include <string>

#include "advisor/core/topology.hpp"
#include "advisor/measure/bandwidth.hpp"

namespace amorsize::measure {

/// This machine (or the one HWLOC_XMLFILE describes) as hwloc XML, restricted to the hardware
/// threads of `usable`, with what was measured as memory attributes in MiB/s: hwloc's "Bandwidth"
/// holds each domain's saturated local bandwidth, "OneCoreBandwidth" one core's to every NUMA node
/// that was measured. GPUs are noted as info "GPUCount" of the NUMA node they are near.
/// topology_from_xml() of the result gives `usable` again.
/// Throws Error (environment) if hwloc cannot discover or export.
std::string topology_xml(const Topology& usable, const BandwidthReport&);

}  // namespace amorsize::measure
