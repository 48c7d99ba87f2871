#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/planned_job.hpp"
#include "mpi/run/item_set.hpp"
#include "mpi/run/run_folder.hpp"

namespace amorsize {
class ItemList;
}

namespace amorsize::run {

/// Which earlier results count.
struct ResumePolicy {
    bool fresh = false;         ///< none
    bool retry_failed = false;  ///< only successes
};

/// What all ranks must know of earlier runs before they begin.
struct Resumption {
    int epoch = 1;           ///< number of this run
    std::int64_t items = 0;  ///< that are this run's, done or not: all, or an element's share
    std::int64_t done_before = 0;
    std::int64_t failed_before = 0;  ///< that stay failed
    ItemSet settled;                 ///< not to be run
    std::vector<float> sizes;        ///< by item, where known and worth an order: seconds or bytes
};

/// Rank 0: reads (or, fresh, removes) what earlier runs of `items` items left in `folder`, that of
/// the whole plan. Its lock must be held. An element writes to a folder of its own, and what others
/// have to run is settled for it. `identity` tells the list of items from others (run_state.hpp).
/// Results kept from sampling count as an earlier run's; `say` is told where they cannot be read.
Resumption take_up(const RunFolder& folder, const std::optional<ArrayShare>& share,
                   const ResumePolicy& policy, const PlannedJob& job, const ItemList& list,
                   std::int64_t items, const std::string& identity,
                   const std::function<void(const std::string&)>& say);

/// For the other ranks, which run on machines of the same kind.
std::string encode(const Resumption& resumption);
Resumption decode_resumption(const std::string& text, std::int64_t items);

}  // namespace amorsize::run
