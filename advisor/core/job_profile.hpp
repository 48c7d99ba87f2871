#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/source.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// One execution of one item (or of the whole program, for `kind: mpi`).
struct Sample {
    Seconds seconds;                ///< wall time, with no instrumentation running
    std::optional<Bytes> peak_rss;  ///< of the whole process tree
    std::optional<Seconds> user;
    std::optional<Seconds> system;
    std::optional<Bytes> input;
    std::optional<Bytes> output;
    int concurrency = 1;  ///< how many ran side by side on the node meanwhile
    std::optional<std::string> item;
    int exit_code = 0;
    std::optional<Seconds>
        queued{};  ///< ready to run while no core was free: a busy node, not a waiting item
};

/// What was observed of the job: how many items it has and how the tried ones behaved.
struct JobProfile {
    std::int64_t items = 0;
    std::vector<Sample>
        samples;  ///< succeeded ones, at any concurrency, in the order of the item list
    Source source = Source::sampled;
    std::string origin;  ///< "5 items spread over the list on n1", "samples.csv", "the manifest"
    Seconds cost;        ///< what it took to find out
    std::optional<Seconds>
        worker_start;               ///< stream and batch: start-up of a long-lived worker (warm-up)
    std::optional<Sample> warm_up;  ///< the item that brought the files from the disk: its memory
                                    ///< counts, its time does not
    std::vector<Seconds>
        unfinished;  ///< of items that were ended before their end: each takes longer
    int failed = 0;  ///< tried items that failed; `samples` does without them
    std::optional<Seconds>
        too_little_to_save;  ///< sampling stopped because running in parallel saves no more
};

}  // namespace amorsize
