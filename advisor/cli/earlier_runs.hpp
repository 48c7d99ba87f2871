#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/cli/surroundings.hpp"
#include "advisor/core/finished_run.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/past_runs.hpp"
#include "advisor/io/items.hpp"

namespace amorsize::cli {

/// What the user's history says of a job.
struct EarlierRuns {
    std::optional<JobInstance> instance;  ///< as what a run of the job is to be remembered;
                                          ///< nothing: not at all
    std::optional<PastRuns> past;
    std::vector<std::string> notes;  ///< for the reader: why it could not be read
};

/// Nothing of it where the history is not to be used (history_in_use). A history that cannot be
/// read is a note: advice does not depend on it. `partition_class`: the nodes that are planned for
/// first.
EarlierRuns earlier_runs(const Manifest&, const ItemList&, const std::string& partition_class,
                         const Surroundings&);

}  // namespace amorsize::cli
