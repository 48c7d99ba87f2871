#pragma once

#include <string>

#include "advisor/core/command_port.hpp"

namespace amorsize::cli {

struct JobsOptions {
    std::string job;    ///< one job's id; empty: many, by the filters
    std::string plan;   ///< of that job; empty: looked for where it was submitted
    std::string since;  ///< as sacct's --starttime takes it
    std::string user;
    std::string partition;
    bool json = false;
    std::string remember_in;  ///< a file that keeps what `caller`'s jobs took
                              ///< (slurm/used_before.hpp); empty: nothing is kept
    std::string caller;       ///< the user who asks
};

/// What was asked, predicted and measured of one job (and kept, if wished), with verdicts and the
/// directives to change; or, of many, a line each, the worst first, and what they wasted. Throws
/// Error (environment) if sacct fails or knows no such job.
std::string jobs_report(const JobsOptions& options, const CommandPort& run);

}  // namespace amorsize::cli
