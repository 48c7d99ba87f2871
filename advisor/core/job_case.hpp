#pragma once

#include <cstdint>
#include <vector>

#include "advisor/core/candidate.hpp"
#include "advisor/core/planned_memory.hpp"

namespace amorsize {

/// Everything one decision looks at, gathered once.
struct JobCase {
    const Manifest& manifest;
    const Cluster& cluster;
    const JobProfile& profile;
    std::uint64_t seed = 0;
    PlannedMemory memory;
    Workload work;
    std::vector<NodeOffer> offers;
};

}  // namespace amorsize
