#pragma once

#include <string>

#include "advisor/cli/job_verdicts.hpp"
#include "advisor/core/command_port.hpp"

namespace amorsize::cli {

/// The plan of a job and the report of its run beside it, with what is to be said of them.
struct PlanOfJob {
    std::string path;  ///< empty: none was found
    std::string note;  ///< why there is no plan, or no report of this job; may be empty
    Evidence evidence;
};

/// `plan`, or, if empty, NAME.plan.yaml in the folder the job was submitted from, NAME being the
/// job's or its script's: both are asked of sacct and only ever compared and joined, never run.
/// Throws Error (bad input) if `plan` is given and cannot be read.
PlanOfJob plan_of_job(const slurm::JobRecord&, const std::string& plan, const CommandPort& run);

/// NAME.run/report.json beside NAME.plan.yaml. Throws Error (bad input) if `plan` is no plan's
/// name.
std::string run_report_beside(const std::string& plan);

}  // namespace amorsize::cli
