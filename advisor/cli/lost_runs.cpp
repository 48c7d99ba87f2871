#include "advisor/cli/lost_runs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "advisor/core/error.hpp"
#include "advisor/core/text.hpp"
#include "slurm/sacct.hpp"

namespace amorsize::cli {

namespace {

/// By SLURM_JOB_ID; of a requeued job the last start.
std::map<std::string, slurm::JobRecord> accounted(const std::vector<BegunRun>& runs,
                                                  const CommandPort& command) {
    std::string jobs;
    for (const BegunRun& run : runs) jobs += (jobs.empty() ? "" : ",") + run.slurm_job;
    const CommandResult answer = command(
        {"sacct", "--parsable2", "--jobs=" + jobs, "--format=" + std::string(slurm::kSacctFields)},
        Seconds{20});
    if (answer.status != 0) throw Error(ExitCode::environment, "sacct cannot be asked");
    std::map<std::string, slurm::JobRecord> records;
    for (slurm::JobRecord& job : slurm::parse_sacct(answer.out, "sacct"))
        records.insert_or_assign(job.raw_id, std::move(job));
    return records;
}

RunOutcome outcome_of(const slurm::JobRecord& job) {
    if (job.state == "OUT_OF_MEMORY") return RunOutcome::out_of_memory;
    if (job.state == "TIMEOUT") return RunOutcome::time_limit;
    return RunOutcome::stopped;
}

FinishedRun as_accounted(FinishedRun run, const slurm::JobRecord& job) {
    run.outcome = outcome_of(job);
    run.seconds = job.elapsed;
    run.finished_at += std::llround(job.elapsed.value);
    if (job.time_limit) run.time_limit = job.time_limit;  // a submission may have had its own
    return run;
}

bool started_again(const std::vector<BegunRun>& runs, std::size_t at) {
    for (std::size_t later = at + 1; later < runs.size(); ++later) {
        if (runs[later].slurm_job == runs[at].slurm_job) return true;
    }
    return false;
}

}  // namespace

void settle_lost_runs(History& history, const JobIdentity& job, const CommandPort& command,
                      std::vector<std::string>& notes) {
    const std::vector<BegunRun> runs = history.begun(job.command, job.partition_class);
    if (runs.empty()) return;
    try {
        const auto records = accounted(runs, command);
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const auto found = records.find(runs[i].slurm_job);
            if (found == records.end()) continue;
            if (started_again(runs, i)) {
                history.end(runs[i], runs[i].so_far);
            } else if (found->second.ended()) {
                history.end(runs[i], as_accounted(runs[i].so_far, found->second));
            }
        }
    } catch (const Error& error) {
        notes.push_back(fmt::format("what became of {} of this job is not known: {}",
                                    counted(static_cast<std::int64_t>(runs.size()), "begun run"),
                                    error.what()));
    }
}

}  // namespace amorsize::cli
