#pragma once

#include <string>

#include "advisor/core/finished_run.hpp"
#include "advisor/core/planned_job.hpp"
#include "advisor/core/run_report.hpp"
#include "advisor/io/items.hpp"
#include "mpi/run/run_folder.hpp"

namespace amorsize::run {

/// A run as the next advice for the job will want to know it, from its report and journals. A plan
/// that says as what it is remembered (PlannedJob::remembered_as) is required.
FinishedRun finished_run(const PlannedJob& job, const RunReport& report, const RunFolder& folder,
                         const ItemList& items);

}  // namespace amorsize::run
