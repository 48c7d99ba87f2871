#pragma once

#include <string>
#include <vector>

#include "tests/bench/regret/arena.hpp"

namespace amorsize::arena {

struct Case {
    Machine machine;
    Job job;
    int samples = 5;
};

/// The kinds of job of the suite; those where "all cores" is wrong are among them.
const std::vector<std::string>& families();

/// One job of a kind on a machine of 2 to 1,024 cores, drawn at random. `trace` serves the family
/// "trace" alone.
Case draw_case(const std::string& family, const std::vector<double>& trace, Random&);

}  // namespace amorsize::arena
