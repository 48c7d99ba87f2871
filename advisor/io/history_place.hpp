#pragma once

#include <functional>
#include <optional>
#include <string>

#include "advisor/core/manifest.hpp"

namespace amorsize {

/// The value of an environment variable.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

/// Where a user's history lies: what AMORSIZE_HISTORY says, else
/// $XDG_STATE_HOME/amorsize/history.sqlite, else below ~/.local/state; empty if AMORSIZE_HISTORY
/// is, or if none of the variables is given. Nothing ever leaves the machine.
std::string history_path(const Variables&);
/// Where `amorsize-report --remember` keeps what jobs took, for the cli_filter: beside the history.
std::string used_before_path(const Variables&);
/// history_path for a job that may use it; empty with AMORSIZE_DISABLE=1, if the manifest says
/// `history: false`, and for jobs that amorsize-run does not hand items out to (mode program, kind
/// mpi).
std::string history_in_use(const Manifest&, const Variables&);

}  // namespace amorsize
