#pragma once

#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/node_findings.hpp"
#include "advisor/cli/surroundings.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/node_offer.hpp"

namespace amorsize::cli {

/// What is wanted of a node.
struct NodeVisit {
    Observe what = Observe::both;
    NodeOffer offer;  ///< what kind of node, in which partition
};

/// What came of it.
struct Visited {
    NodeFindings findings;
    Seconds queued;  ///< until the node was ours
    Seconds held;    ///< how long it was
};

/// Has a node of the offer's kind measure itself and run the sample: one allocation, one step,
/// given back at once. Says on stderr what it waits for. Throws Error (environment) if no node was
/// to be had within the time the options allow, or the node failed; what failed in the job's own
/// items is thrown as the sampler on this machine would. Whatever happens, nothing stays queued or
/// running.
Visited visit_node(const AdviseOptions&, const Manifest&, const NodeVisit&, const Surroundings&);

}  // namespace amorsize::cli
