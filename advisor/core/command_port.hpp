#pragma once

#include <functional>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize {

/// What an outside program answered.
struct CommandResult {
    int status = 0;  ///< exit code; 128 + signal if a signal ended it; 127 if it was not found
    std::string out;
    std::string err;
    bool timed_out = false;  ///< ended by us, with everything it had started
};

/// The one narrow port to outside programs (sinfo, scontrol, srun, mpirun): an argument vector in,
/// no shell, with a time limit. Tests replay captured answers through it.
using CommandPort =
    std::function<CommandResult(const std::vector<std::string>& argv, Seconds limit)>;

}  // namespace amorsize
