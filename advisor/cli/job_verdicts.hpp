#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/planned_job.hpp"
#include "advisor/core/run_report.hpp"
#include "slurm/sacct.hpp"

namespace amorsize::cli {

/// One thing that was seen, what it means, and the directive that would change it.
struct Verdict {
    std::string subject;      ///< "job", "memory", "time", "cpus", "balance" or "binding"
    std::string observation;  ///< "1.2 GiB of 16 GiB a node used"
    std::string consequence;  ///< "14.8 GiB idle for 3 h = 44 GiB h"; may be empty
    std::string directive;    ///< "--mem=1536M"; empty: nothing to change in the request
    std::string reason;       ///< "measured peak + 20 %"; may be empty
};
/// The whole of it as one line.
std::string sentence(const Verdict&);

/// What is known of a job beside its accounting.
struct Evidence {
    std::optional<PlannedJob> plan;     ///< that it was to follow
    std::optional<run::RunReport> run;  ///< that it left; only if it is this job's
    Seconds sampling{30};               ///< time between two looks of Slurm at a job's memory
};

/// Busy CPU time over that granted; nothing for a job that goes on or was not accounted.
std::optional<double> cpu_efficiency(const slurm::JobRecord&);
/// Peak over granted memory.
std::optional<double> memory_efficiency(const slurm::JobRecord&);
/// Granted and not used, 0 where that is not known.
double wasted_core_hours(const slurm::JobRecord&);
double wasted_gib_hours(const slurm::JobRecord&);

/// The verdicts on a job, or on the elements of an array, which share one request. What ran out is
/// grown, and nothing else changed; a smaller request is advised only after a success, and a node's
/// loss, a preemption or a cancellation change nothing.
std::vector<Verdict> judge(const std::vector<slurm::JobRecord>& elements, const Evidence&);

}  // namespace amorsize::cli
