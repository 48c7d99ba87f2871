#pragma once

#include "advisor/core/planned_job.hpp"
#include "mpi/run/run_state.hpp"

namespace amorsize::run {

/// Takes over what amorsize-advise kept of the items it ran as a sample (sample.reuse): writes the
/// items of the file `kept` that are not in `state` into the folder as a run number 0 would have,
/// and adds them to `state`. An item counts only if the list still has its text at its place.
/// Throws Error (bad_input) where NAME.kept cannot be read, Error (environment) where the folder
/// cannot be written.
void take_over_kept(const RunFolder& folder, const std::string& kept, const PlannedJob& job,
                    const ItemList& list, RunState& state);

/// NAME.kept, beside the plan; `folder`: of the whole plan.
std::string kept_path(const RunFolder& folder);

}  // namespace amorsize::run
