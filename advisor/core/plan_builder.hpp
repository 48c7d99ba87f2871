#pragma once

#include <vector>

#include "advisor/core/job_case.hpp"

namespace amorsize {

/// The candidate in numbers.
Layout layout_of(const JobCase&, const Candidate&);

/// Moves the offer that the plan is for to the front.
void put_planned_first(std::vector<NodeOffer>&, const Plan&, const Manifest&);

/// How the wall time is predicted: by the formula alone (alternatives), or by simulation (the
/// plan).
enum class Fidelity { formula, simulation };

/// A candidate worked out to the last figure: ranks, request and prediction.
struct BuiltPlan {
    Plan plan;
    std::vector<Reason> reasons;  ///< why this memory and this time are asked for
    std::vector<Reason> warnings;
};
BuiltPlan build_plan(const JobCase&, const Candidate&, Fidelity);

}  // namespace amorsize
