#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "mpi/run/run_folder.hpp"

namespace amorsize::run {

/// Writes NAME.joblog from the journals: a row for each attempt, GNU parallel's columns first (Seq
/// Host Starttime JobRuntime Send Receive Exitval Signal Command), then Attempt Outcome PeakKiB
/// User System Rank Worker Run. Tabs and line feeds inside a command are written as spaces.
/// `command_of` gives the command of an item. Replaces the file atomically.
void write_job_log(const RunFolder& folder,
                   const std::function<std::string_view(std::int64_t)>& command_of);

}  // namespace amorsize::run
