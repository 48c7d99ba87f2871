#pragma once

#include "advisor/core/planned_job.hpp"
#include "advisor/core/run_report.hpp"
#include "mpi/run/run_options.hpp"
#include "mpi/run/signals.hpp"
#include "mpi/run/team.hpp"

namespace amorsize::run {

/// Runs the items of a planned job that are not settled yet, as one rank of `team`. Every rank
/// calls it with the same arguments. The report is whole on rank 0; elsewhere it holds the end
/// only. Throws Error before any item has been started.
RunReport run_job(const PlannedJob& job, const RunOptions& options, Team& team,
                  const BlockedSignals& signals);

/// The exit code for a run: 0 complete, 6 items failed, 7 stopped and resumable, 5 broken and
/// resumable.
int exit_code_of(RunEnd end);

}  // namespace amorsize::run
