#pragma once

#include <string>

#include "advisor/core/run_report.hpp"

namespace amorsize::run {

/// The report as JSON text, indented by two: what report.json in the run's folder holds.
std::string to_json(const RunReport&);

}  // namespace amorsize::run
