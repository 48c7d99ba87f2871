#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/past_runs.hpp"
#include "advisor/core/planned_items.hpp"
#include "advisor/core/sample.hpp"
#include "advisor/core/source.hpp"
#include "advisor/core/units.hpp"
#include "advisor/core/worker_memory.hpp"

namespace amorsize {

/// What was observed of the job: how many items it has and how the tried ones behaved.
struct JobProfile {
    std::int64_t items = 0;
    bool part_of_list = false;  ///< `items` are some of the list that the samples are from
    std::vector<Sample>
        samples;  ///< succeeded ones, at any concurrency, in the order of the item list
    std::vector<Sample> more_threads;  ///< of the same items, with more threads than those
    Source source = Source::sampled;
    std::string origin;  ///< "5 items spread over the list on n1", "samples.csv", "the manifest"
    Seconds cost;        ///< what it took to find out
    std::optional<Bytes> largest_input;  ///< of all items, where they name files
    std::vector<Bytes> inputs;  ///< sizes of the files that the items name, ascending: of each, or
                                ///< the means of equal shares; empty: not every item names one
    std::optional<Seconds>
        worker_start;       ///< stream and batch: start-up of a long-lived worker (warm-up)
    int sampled_cores = 0;  ///< physical, of the machine that they ran on; 0: not known
    std::optional<CommonPages> common;  ///< of the items tried, where they map the same files
    std::optional<Sample> warm_up;  ///< the item that brought the files from the disk: its memory
                                    ///< counts, its time does not
    std::vector<Seconds>
        unfinished;  ///< of items that were ended before their end: each takes longer
    int failed = 0;  ///< tried items that failed; `samples` does without them
    std::optional<Seconds>
        too_little_to_save;        ///< sampling stopped because running in parallel saves no more
    std::vector<CoRun> co_runs;    ///< known from earlier runs; count where no sample shows any
    std::optional<PastRuns> past;  ///< earlier runs of the job; nothing: none, or not asked for
};

/// What was tried just now together with what earlier runs tell. Where the items tried confirm
/// these, the items of the last whole run take their place; otherwise `past` says what has changed.
JobProfile with_past(JobProfile tried, PastRuns past);

}  // namespace amorsize
