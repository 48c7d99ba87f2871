#pragma once

#include <optional>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/node_layout.hpp"

namespace amorsize {

/// What one worker is planned to take, and why: the manifest's figure, the profile's, or what the
/// samples allow.
struct PlannedMemory {
    std::optional<Bytes> per_worker;  ///< nothing: no figure at all
    std::vector<Reason> reasons;
    std::vector<Reason> warnings;
    Fact fact;
};
PlannedMemory plan_memory(const Manifest&, const JobProfile&, const std::vector<NodeOffer>&);

/// What to ask for on each node: workers x per_worker with the headroom on top, at most what the
/// node has. Under Slurm at least the share that belongs to the cores taken: nobody else could use
/// it. The share alone where per_worker is unknown.
struct NodeMemory {
    Bytes request;
    Bytes predicted;  ///< expected use, without headroom
    std::vector<Reason> reasons;
};
NodeMemory request_node_memory(const Cluster&, const NodeOffer&, const NodeLayout&,
                               std::optional<Bytes> per_worker, Fraction headroom);

}  // namespace amorsize
