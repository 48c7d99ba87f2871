#pragma once

#include <string>

#include "advisor/core/advice.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/outlook.hpp"

namespace amorsize::cli::page {

// The pictures of the page: SVG as text, empty where there is nothing to draw.

/// Speed-up over workers of a node (`over_nodes`: over nodes), the band down to what 19 of 20 runs
/// reach, and the plan on it.
std::string speedup_picture(const std::vector<CurvePoint>& curve, const Plan&, bool over_nodes);
/// What the plan's workers take of a node, what is asked for, and what may be used of it.
std::string memory_picture(const Outlook&, const Advice&, const Manifest&);
/// Every sample by its time, alone or side by side, with the quartiles of those that ran alone.
std::string samples_picture(const JobProfile&);
/// One of the plan's nodes: packages, NUMA domains and cores, and which of them its ranks take.
std::string node_picture(const NodeOffer&, const Advice&);

}  // namespace amorsize::cli::page
