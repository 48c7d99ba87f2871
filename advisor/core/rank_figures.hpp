#pragma once

#include <cstdint>

namespace amorsize::run {

/// What one rank measured of itself during a run. Plain values, so that rank 0 can gather them as
/// they are.
struct RankFigures {
    std::int32_t rank = 0;
    std::int32_t workers = 0;         ///< it started with
    std::int32_t workers_at_end = 0;  ///< fewer if items died for memory
    std::int32_t stopped_by = 0;      ///< a signal, or 0
    std::int64_t done = 0;
    std::int64_t failed = 0;
    std::int64_t retries = 0;
    std::int64_t memory_kills = 0;
    std::int64_t withdrawn =
        0;  ///< of the failed: answers of workers that wrote too many lines or too few
    std::int64_t chunks = 0;
    double started = 0;  ///< seconds since 1970
    double seconds = 0;  ///< from the first hand-out to the last item's end
    double busy = 0;     ///< worker seconds inside items
    double longest = 0;  ///< of one item
    double user = 0;     ///< CPU seconds of the items
    double system = 0;
    double waiting_for_chunks = 0;  ///< worker seconds without an item while chunks were left
    double idle_at_end = 0;         ///< worker seconds without an item once none were left
    std::int64_t peak_kib = 0;      ///< largest process of an item
    std::int64_t own_peak_kib =
        0;  ///< of the rank itself; smaller peaks of items cannot be told from it
    char host[64] = {};
};

}  // namespace amorsize::run
