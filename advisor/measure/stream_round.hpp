#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "advisor/measure/item_process.hpp"

namespace amorsize::measure {

/// One item and the line that answered it.
struct Answer {
    std::int64_t index = 0;
    int worker = 0;
    bool first = false;  ///< of its worker: the start-up is in its time
    bool given = false;  ///< false: the round ended before it came
    Seconds seconds;  ///< from the item's writing (first: from the worker's creation) to its answer
    Seconds seen_late;  ///< of that, while it was there and we were not let run to see it
    /// Workers busy with an item other than their first, on average meanwhile.
    double working_beside = 1;
    std::string text;  ///< the answer, newline included
};

struct StreamResult {
    std::vector<Answer> answers;   ///< in the order in which the items were handed out
    std::vector<ItemRun> workers;  ///< by worker
    int failed = -1;               ///< the worker that ended too soon, badly, or met the time limit
    bool out_of_time = false;      ///< the round's deadline came first
};

/// What the round is made of. `commands` has one entry a worker, `texts` one an index.
struct StreamWork {
    std::vector<ItemCommand> commands;
    std::vector<std::int64_t> indices;
    std::vector<std::string> texts;
    ItemLimits limits;  ///< the time is that of one item
    Clock::time_point deadline;
};

/// Runs the items through long-lived workers: each gets an item as a line on its stdin and the next
/// once it has answered with a line on its stdout. Second items are held back until every worker
/// has answered its first; at the end of the list their input is closed. Throws Interrupted.
StreamResult run_stream(const SamplingScope&, const StreamWork&);

}  // namespace amorsize::measure
