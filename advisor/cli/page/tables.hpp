#pragma once

#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/outlook.hpp"

namespace amorsize::cli::page {

// The tables of the page, also for those who do not see its pictures. Empty where there is nothing
// to list.

/// Every point of a speed-up curve.
std::string curve_table(const std::vector<CurvePoint>&, bool over_nodes);
/// The ranks of the plan's first node.
std::string ranks_table(const NodeOffer&, const Plan&);
/// The samples in the order of the list.
std::string samples_table(const JobProfile&);
/// The plan and what was compared with it.
std::string ways_table(const Advice&);
/// The figures the advice rests on.
std::string basis_table(const Advice&);

}  // namespace amorsize::cli::page
