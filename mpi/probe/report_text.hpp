#pragma once

#include <string>
#include <vector>

#include "advisor/core/probe_report.hpp"

namespace amorsize::probe {

/// The report for people: what was found, what stands out, what is missing, how long it took.
std::string report_text(const ProbeReport&);

/// What a person should know of a report that is not what was asked for, a line each: nodes
/// missing, nodes that stand out, warnings.
std::vector<std::string> warnings_of(const ProbeReport&);

}  // namespace amorsize::probe
