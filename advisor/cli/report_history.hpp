#pragma once

#include <string>

namespace amorsize::cli {

/// What `--history show|export|clear` prints: a line a job, every run as CSV, or how many were
/// forgotten.
std::string history_report(const std::string& action, const std::string& path, bool json);

}  // namespace amorsize::cli
