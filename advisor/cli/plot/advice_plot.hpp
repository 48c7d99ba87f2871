#pragma once

#include <string>

#include "advisor/cli/plot/glyphs.hpp"
#include "advisor/core/advice.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/outlook.hpp"

namespace amorsize::cli::plot {

/// The pictures of an advice as plain text, 80 columns at most, without colour: speed-up, the ways
/// compared, memory, the ranks on a node and the samples. What is not known is left out; empty
/// where that is everything.
std::string advice_plot(const Manifest&, const JobProfile&, const Advice&, const Outlook&, Glyphs);

// Its parts.

std::string curve_plot(const std::vector<CurvePoint>&, const Plan&, bool over_nodes, Glyphs);
std::string ways_plot(const Advice&, Glyphs);
std::string memory_plot(const Outlook&, const Advice&, const Manifest&, Glyphs);
std::string node_plot(const NodeOffer&, const Advice&, Glyphs);
std::string samples_plot(const JobProfile&, Glyphs);

}  // namespace amorsize::cli::plot
