#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/node_findings.hpp"
#include "advisor/cli/surroundings.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/measured_cluster.hpp"
#include "advisor/core/node_offer.hpp"
#include "advisor/core/past_runs.hpp"

namespace amorsize::cli {

/// What is wanted of nodes.
struct NodeVisit {
    bool sample = false;                    ///< run some items, on the first node
    bool probe = false;                     ///< measure the nodes, and what lies between them
    NodeOffer offer;                        ///< what kind of node, in which partition
    std::vector<std::string> nodes;         ///< by name; empty: any one of that kind
    std::optional<Bytes> memory;            ///< of each node; absent: all that it has
    std::string mpi;                        ///< for srun --mpi; empty: the cluster's default
    std::optional<Expectation> expected{};  ///< of the items, by earlier runs
};

/// What came of it.
struct Visited {
    std::optional<NodeFindings> sampled;
    std::optional<MeasuredCluster> measured;
    std::string trouble;  ///< why nothing was measured though it was wanted
    std::string job;      ///< the allocation's number
    int nodes = 1;
    Seconds queued;  ///< until the nodes were ours
    Seconds held;    ///< how long they were
};

/// Has nodes measure themselves and one run the sample: one allocation, a step for each, given back
/// at once. Says on stderr what it waits for. Throws Error (environment) if the nodes were not to
/// be had within the time the options allow, or brought nothing back; what failed in the job's own
/// items is thrown as the sampler on this machine would. A probe that fails costs its own figures
/// only. Whatever happens, nothing stays queued or running.
Visited visit_nodes(const AdviseOptions&, const Manifest&, const NodeVisit&, const Surroundings&);

}  // namespace amorsize::cli
