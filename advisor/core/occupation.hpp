#pragma once

#include <optional>
#include <vector>

#include "advisor/core/plan.hpp"
#include "advisor/core/topology.hpp"

namespace amorsize {

/// What of one NUMA domain the plan's ranks take.
struct DomainUse {
    std::vector<int> ranks;
    int cores = 0;
};

/// What of its first node a plan takes.
struct Occupation {
    std::vector<DomainUse> domains;  ///< by index into Topology::domains
    int ranks = 0;
    int cores = 0;       ///< taken of the node
    bool placed = true;  ///< false: only how many cores is known, not which
};

/// Each rank fills its domains one after another. Of several domains that it does not fill, the
/// scheduler chooses the cores, so they are not `placed`.
Occupation occupation_of(const Topology&, const Plan&);

}  // namespace amorsize
