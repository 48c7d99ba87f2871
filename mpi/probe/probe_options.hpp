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
    bool every_rank = false;  ///< each rank counts as a node
    bool json = false;        ///< the report's form
};

}  // namespace amorsize::probe
