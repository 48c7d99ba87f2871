#pragma once

#include <string>

#include "advisor/core/finished_run.hpp"
#include "advisor/core/planned_job.hpp"
#include "advisor/core/run_report.hpp"
#include "advisor/io/items.hpp"
#include "mpi/run/run_folder.hpp"

namespace amorsize::run {

/// A run as it is planned, for the case that nobody tells how it ended. `started`: seconds since
/// 1970. `array`: FinishedRun::array.
FinishedRun begun_run(const PlannedJob& job, double started, const std::string& array);

/// A run as the next advice for the job will want to know it, from its report and journals. A plan
/// that says as what it is remembered (PlannedJob::remembered_as) is required.
FinishedRun finished_run(const PlannedJob& job, const RunReport& report, const RunFolder& folder,
                         const ItemList& items, const std::string& array);

}  // namespace amorsize::run
