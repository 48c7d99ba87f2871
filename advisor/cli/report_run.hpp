#pragma once

#include <string>

#include "advisor/core/command_port.hpp"

namespace amorsize::cli {

/// The last run of a plan, as amorsize-run left it beside the plan, and what accounting says of its
/// job if it had one: as JSON the run's report with a list `accounting` (null: no job, or not told)
/// and, if accounting was asked in vain, `accounting_note`. Throws Error (bad input) if `plan` is
/// no plan, or never ran.
std::string last_run_report(const std::string& plan, bool json, const CommandPort& run);

}  // namespace amorsize::cli
