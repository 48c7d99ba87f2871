#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "advisor/core/cluster.hpp"

namespace amorsize {

/// Makes a topology of hwloc's synthetic description, or of an XML file when `is_file`. Throws
/// Error if it cannot; the reader turns that into a fault of the profile.
using TopologyReader = std::function<Topology(const std::string& synthetic_or_path, bool is_file)>;

/// Reads a cluster profile. Throws Error (bad_input) whose what() lists every fault.
Cluster read_cluster(const std::string& path, const TopologyReader&);
/// The same of a text; a relative topology_file starts at `directory`.
Cluster parse_cluster(std::string_view text, const std::string& file_name,
                      const std::string& directory, const TopologyReader&);

}  // namespace amorsize
