#pragma once

#include <string>

#include "advisor/core/probe_report.hpp"

namespace amorsize::probe {

/// The profile as YAML, readable by amorsize-advise --cluster, with the nodes' names and what is
/// missing as comments. Topologies are named relative to the profile.
std::string profile_text(const ProbeReport&, const std::string& topology_prefix);

/// Writes `path` and beside it an hwloc XML per class, "cluster.yaml" -> "cluster.a.xml": all of them
/// or none, so that whoever finds a profile finds its topologies. Throws Error (environment).
void write_profile(const ProbeReport&, const std::string& path);

}  // namespace amorsize::probe
