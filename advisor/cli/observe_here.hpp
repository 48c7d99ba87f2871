#pragma once

#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/node_findings.hpp"
#include "advisor/cli/surroundings.hpp"

namespace amorsize::cli {

/// The part of amorsize-advise that runs on a compute node (--observe-here): runs the sample there.
/// Never throws: what goes wrong is in the findings.
NodeFindings observe_here(const AdviseOptions&, const Surroundings&);

}  // namespace amorsize::cli
