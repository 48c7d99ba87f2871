#pragma once

#include <optional>
#include <string>

#include "advisor/core/units.hpp"

namespace amorsize::probe {

/// What a probe is asked to do.
struct ProbeOptions {
    bool quick = false;       ///< look, measure nothing
    Seconds budget{4};        ///< for the figures of a node
    Seconds timeout{60};      ///< for a node to answer
    std::string output;       ///< the profile; empty: standard output
    std::string spool;        ///< empty: none
    std::string unseen;       ///< where the spool was to lie, if this node does not see it
    bool every_rank = false;  ///< each rank counts as a node
    bool json = false;        ///< the report's form
    bool hand_back = false;   ///< a line for amorsize-advise in place of the report
    bool say_ready = false;   ///< only start MPI and say so: a step whose start is timed
    std::string collect;      ///< a spool to read in place of probing
};

/// How long all of a probe may take: beyond it a process ends itself.
inline Seconds longest(const ProbeOptions& options) {
    constexpr Seconds kAfterMeasuring{60};
    return options.timeout + kAfterMeasuring;
}

}  // namespace amorsize::probe
