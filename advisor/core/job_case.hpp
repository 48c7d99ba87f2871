#pragma once

#include <cstdint>
#include <optional>
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

/// How the item times are known; nothing where they are not.
std::optional<Source> source_of_times(const JobCase&);

/// What is known of the job, summarised for these offers. Refers to the manifest, the cluster and
/// the profile.
JobCase gather_case(const Manifest&, const Cluster&, const JobProfile&, std::uint64_t seed,
                    std::vector<NodeOffer>);

}  // namespace amorsize
