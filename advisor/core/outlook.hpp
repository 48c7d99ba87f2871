#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/node_layout.hpp"
#include "advisor/core/node_offer.hpp"

namespace amorsize {

/// The job on so many nodes and workers, as the plan would run there.
struct CurvePoint {
    int nodes = 1;
    int workers = 1;         ///< over all nodes
    WallTime wall;           ///< simulated as the plan's, with the same draws
    double speedup = 1;      ///< one core's time without a launch over wall.p50
    double speedup_p95 = 1;  ///< the same over wall.p95: what 19 of 20 runs reach
    double core_hours = 0;
    Bytes memory_per_node;  ///< expected use, without headroom
    bool allowed = true;    ///< false: beyond the manifest's limit, though the partition has it
};

/// What a picture of an advice shows and the advice itself does not hold.
struct Outlook {
    std::vector<NodeOffer> nodes;  ///< the kinds in question, the one planned for first
    NodeBounds bounds;             ///< workers (kind mpi: ranks) that the first of them takes
    std::optional<Bytes> memory_per_worker;
    std::vector<CurvePoint> on_one_node;    ///< ascending by workers, up to what a node takes
    std::vector<CurvePoint> on_more_nodes;  ///< ascending by nodes, each with the plan's workers
};

/// Simulates some forty layouts around the advice that these facts gave, so it is made only when a
/// picture is asked for. The curves are empty where there is nothing to compare: for `kind: mpi`,
/// whose scaling nobody knows, where no item was timed, and where nothing fits; `on_more_nodes`
/// also where one node is all there is.
Outlook look_around(const Manifest&, const Cluster&, const JobProfile&, const Advice&,
                    std::uint64_t seed = 0);

}  // namespace amorsize
