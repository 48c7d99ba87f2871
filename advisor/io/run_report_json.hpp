#pragma once

#include <string>

#include "advisor/core/run_report.hpp"

namespace amorsize::run {

/// The report as JSON text, indented by two: what report.json in the run's folder holds.
std::string to_json(const RunReport&);

/// The report of such a file. Throws Error (bad_input) naming the file if it is missing or no
/// report.
RunReport read_run_report(const std::string& path);

}  // namespace amorsize::run
