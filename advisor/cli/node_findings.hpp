#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "advisor/cli/observe_job.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/error.hpp"

namespace amorsize::cli {

/// What a node measured of itself, as far as others of its class share it.
struct MeasuredNode {
    NodeFigures figures;       ///< but for core_speed, which compares classes
    double one_core_rate = 0;  ///< steps a second of the speed probe; 0 if it was not measured
    int cores = 0;             ///< that the step could use
    Bytes installed;           ///< memory of the machine
    std::string topology_xml;  ///< hwloc XML with the measured bandwidth
};

/// What a visit to a compute node brought back.
struct NodeFindings {
    std::string node;                      ///< as Slurm calls it; the host's name without Slurm
    std::string job;                       ///< the allocation's number; empty without Slurm
    Seconds took;                          ///< on the node
    std::optional<MeasuredNode> measured;  ///< if it was asked for
    std::optional<Observation> observed;   ///< if a sample was asked for
    std::optional<Error> error;            ///< what went wrong there
};

/// As one line that stands out among whatever a site's scripts print. Item texts and outputs may
/// hold any bytes.
std::string findings_line(const NodeFindings&);
/// The findings in what a step printed; nothing if there is no such line, or none that is whole.
std::optional<NodeFindings> find_findings(std::string_view printed);

}  // namespace amorsize::cli
