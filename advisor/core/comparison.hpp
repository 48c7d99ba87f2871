#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize {

/// What the layouts of one row of a comparison have in common; what a row leaves out is folded.
enum class RowOf {
    layout,  ///< all of it
    ranks,   ///< kind of node, nodes and ranks a node; workers differ
    nodes,   ///< kind of node and nodes
    kind     ///< kind of node
};

struct CountRange {
    int fewest = 0;
    int most = 0;
};

/// Layouts that were weighed, shown by the best of them: the plan itself where it is among them.
struct ComparedLayouts {
    std::string kind;  ///< class of node; "any" for nodes of every class, planned for the weakest
    std::int64_t layouts = 0;
    CountRange nodes;
    CountRange workers_per_node;
    Layout best;
    std::optional<Seconds> wall;    ///< of the best, simulated as an alternative's; absent: no time
                                    ///< is known to compare by
    double core_hours = 0;          ///< of the best
    std::optional<Reason> against;  ///< the best; absent: it is the plan
};

/// Every layout that the decision weighed, in as many rows as people read.
struct Comparison {
    std::int64_t layouts = 0;
    RowOf row = RowOf::layout;                    ///< the finest that gives kMostRows at most
    std::vector<ComparedLayouts> rows;            ///< by kind of node, nodes, ranks and workers
    static constexpr std::size_t kMostRows = 40;  ///< more only where there are more kinds of node
};

/// Weighs the layouts once more for the advice that these facts gave, so it is made only when
/// somebody asks for every alternative. Empty where nothing fits.
Comparison compare_layouts(const Manifest&, const Cluster&, const JobProfile&, const Advice&,
                           std::uint64_t seed = 0);

}  // namespace amorsize
