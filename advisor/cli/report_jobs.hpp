#pragma once

#include <string>

#include "advisor/core/command_port.hpp"

namespace amorsize::cli {

struct JobsOptions {
    std::string job;    ///< one job's id; empty: many, by the filters
    std::string since;  ///< as sacct's --starttime takes it
    std::string user;
    std::string partition;
    bool json = false;
};

/// What accounting says of one job (asked, measured, a verdict with the directive to change), or of
/// many (a line each and what they wasted). Throws Error (environment) if sacct fails or knows no
/// such job.
std::string jobs_report(const JobsOptions& options, const CommandPort& run);

}  // namespace amorsize::cli
