#pragma once

#include <cstdint>
#include <string>

#include "advisor/core/planned_job.hpp"
#include "mpi/run/item_texts.hpp"
#include "mpi/run/run_options.hpp"
#include "mpi/run/team.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// The workers of this rank: as planned, or as its node has room for, each at its place. Collective
/// among the ranks of a node. `difference` says how they differ from the plan; empty if they do
/// not.
struct OwnSetup {
    WorkerSetup workers;
    std::string difference;
};
OwnSetup set_up_workers(const PlannedJob& job, const RunOptions& options, Team& team,
                        ItemTexts& texts);

}  // namespace amorsize::run
