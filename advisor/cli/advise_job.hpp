#pragma once

#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/surroundings.hpp"
#include "advisor/core/error.hpp"

namespace amorsize::cli {

/// The whole command: facts in, advice out, files written last. Returns ok or infeasible; throws
/// Error.
ExitCode advise_job(const AdviseOptions&, const Surroundings&);

}  // namespace amorsize::cli
