#pragma once

#include <optional>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/probe_report.hpp"

namespace amorsize::probe {

/// A size of step to start.
struct LaunchSize {
    int nodes = 1;
    int ranks = 1;
    friend auto operator<=>(const LaunchSize&, const LaunchSize&) = default;
};

/// Sizes that tell the three terms of a launch apart: one rank a node on 1, 2, 4, ... and all
/// nodes, and `ranks_per_node` ranks a node on one and on a few. Empty for one node: growth over
/// nodes cannot be seen there.
std::vector<LaunchSize> launch_sizes(int nodes, int ranks_per_node);

/// base + per_log2_node * log2(nodes) + per_rank * ranks by least squares, no term below zero.
/// Nothing from fewer than three points, one node count, or ranks that only follow the nodes.
std::optional<LaunchCost> fit_launch(const std::vector<LaunchPoint>&);

Seconds launch_time(const LaunchCost&, LaunchSize);
/// The largest distance of a point from the fit.
Seconds largest_error(const LaunchCost&, const std::vector<LaunchPoint>&);

}  // namespace amorsize::probe
