#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/planned_job.hpp"
#include "mpi/run/launch.hpp"
#include "mpi/run/run_report.hpp"
#include "mpi/run/signals.hpp"
#include "mpi/run/team.hpp"

namespace amorsize::run {

/// How a plan is to be run.
struct RunOptions {
    std::string plan_path;
    bool fresh = false;          ///< forget what earlier runs did
    bool retry_failed = false;   ///< run again what failed for good
    std::optional<int> workers;  ///< of this and every rank, in place of the plan's
    Seconds grace{20};           ///< for running items after a signal to stop
    bool progress_on_terminal = false;
    std::vector<std::string> environment;         ///< this process's own, as the items inherit it
    std::function<void(const std::string&)> say;  ///< progress and warnings
};

/// Runs the items of a planned job that are not settled yet, as one rank of `team`. Every rank
/// calls it with the same arguments. The report is whole on rank 0; elsewhere it holds the end
/// only. Throws Error before any item has been started.
RunReport run_job(const PlannedJob& job, const RunOptions& options, Team& team,
                  const BlockedSignals& signals);

/// The exit code for a run: 0 complete, 6 items failed, 7 stopped and resumable, 5 broken and
/// resumable.
int exit_code_of(RunEnd end);

}  // namespace amorsize::run
