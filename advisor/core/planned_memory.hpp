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
    CommonPages common;               ///< of it; not after a run that ran out of memory
    std::vector<Reason> reasons;
    std::vector<Reason> warnings;
    Fact fact;

    std::optional<WorkerMemory> worker() const;
};
PlannedMemory plan_memory(const Manifest&, const JobProfile&, const std::vector<NodeOffer>&);

/// What to ask for on each node: that of all workers together with the headroom on top, at most
/// what the node has. Under Slurm at least the share that belongs to the cores taken: nobody else
/// could use it. The share alone where the memory of a worker is unknown.
struct NodeMemory {
    Bytes request;
    Bytes predicted;  ///< expected use, without headroom
    Bytes once;       ///< of that, what the node takes however few its workers
    Bytes in_common;  ///< of each worker's own peak, what is among that
    std::vector<Reason> reasons;
};
NodeMemory request_node_memory(const Cluster&, const NodeOffer&, const NodeLayout&,
                               const std::optional<WorkerMemory>&, Fraction headroom);

}  // namespace amorsize
