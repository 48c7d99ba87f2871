#pragma once

#include <vector>

#include "advisor/core/job_case.hpp"

namespace amorsize {

/// A candidate worked out to the last figure: ranks, request, and a prediction from simulation.
struct BuiltPlan {
    Plan plan;
    std::vector<Reason> reasons;   ///< why this memory and this time are asked for
    std::vector<Reason> warnings;
};
BuiltPlan build_plan(const JobCase&, const Candidate&);

}  // namespace amorsize
