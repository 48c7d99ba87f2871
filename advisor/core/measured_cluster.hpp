#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/host_list.hpp"

namespace amorsize {

/// What nodes that are alike measured of themselves.
struct MeasuredClass {
    HostList hosts;
    NodeFigures figures;       ///< but for core_speed, which compares classes
    double one_core_rate = 0;  ///< steps a second of the speed probe; 0 if it was not measured
    std::string topology_xml;  ///< hwloc XML of what the job was granted, with measured bandwidth
};

/// What a probe brought back for the advice: of the nodes, and of what lies between them.
struct MeasuredCluster {
    std::vector<MeasuredClass> classes;  ///< the largest first
    HostList missing;                    ///< nodes that did not answer
    std::optional<LaunchCost> launch;    ///< nothing from one node
    std::optional<Seconds> dispatch;     ///< round trip of a short message, likewise
    std::optional<MpiFacts> mpi;
    std::vector<std::string> remarks;  ///< nodes that stand out, what could not be measured
};

}  // namespace amorsize
