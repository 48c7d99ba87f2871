#pragma once

#include <string>

#include "advisor/core/cluster.hpp"

namespace amorsize {

/// The profile as YAML; read_cluster gives the same value back.
std::string write_cluster(const Cluster&);

}  // namespace amorsize
