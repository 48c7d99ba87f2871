#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "advisor/cli/observe_job.hpp"
#include "advisor/core/error.hpp"

namespace amorsize::cli {

/// What running a sample on a compute node brought back.
struct NodeFindings {
    std::string node;                     ///< as Slurm calls it; the host's name without Slurm
    std::optional<Observation> observed;  ///< nothing if it went wrong
    std::optional<Error> error;           ///< what went wrong there
};

/// As one line that stands out among whatever a site's scripts print. Item texts and outputs may
/// hold any bytes.
std::string findings_line(const NodeFindings&);
/// The findings in what a step printed; nothing if there is no such line, or none that is whole.
std::optional<NodeFindings> find_findings(std::string_view printed);

}  // namespace amorsize::cli
