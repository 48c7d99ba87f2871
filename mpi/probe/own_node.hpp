#pragma once

#include <string>
#include <vector>

#include "advisor/core/node_survey.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "mpi/probe/probe_options.hpp"

namespace amorsize::probe {

/// The name this node goes by.
std::string own_host_name();
/// What this rank calls its node: its own name with --ranks-as-nodes.
std::string node_name(const ProbeOptions&, int rank);

/// The hardware threads this process may run on, as "0-3,8".
std::string own_affinity();
/// Lets this process run on the threads of all of these lists, as far as the system permits: a
/// launcher binds each rank to its share of a node, and the node is to be measured.
void widen_affinity(const std::vector<std::string>& lists);
/// Every hardware thread that the control groups permit.
void drop_affinity();

/// Looks at this node or measures it, as asked.
NodeGroup probe_own_node(const ProbeOptions&, const measure::EnvironmentLookup&,
                         const std::string& host);

}  // namespace amorsize::probe
