#pragma once

#include <optional>
#include <string>

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
        queued{};     ///< ready to run while no core was free: a busy node, not a waiting item
    int threads = 0;  ///< of its worker; 0: as the manifest says
    int round = 0;    ///< of several side by side that it ran in, from 1; 0: alone, or not known
};

}  // namespace amorsize
