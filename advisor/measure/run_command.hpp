#pragma once

#include "advisor/core/command_port.hpp"

namespace amorsize::measure {

/// The real CommandPort: finds argv[0] on PATH, runs it in a process group of its own with
/// /dev/null as input, and ends the whole group at the limit. Never throws for what the program
/// does.
CommandResult run_command(const std::vector<std::string>& argv, Seconds limit);

}  // namespace amorsize::measure
