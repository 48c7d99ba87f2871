#pragma once

#include <string>

#include "advisor/core/node_survey.hpp"
#include "advisor/measure/node_report.hpp"

namespace amorsize::probe {

/// What a node found out about itself, as a survey of one. `host` is the name it goes by. Throws
/// Error (environment) if hwloc cannot export the topology.
NodeGroup node_facts(const measure::NodeReport&, const std::string& host);

}  // namespace amorsize::probe
