#pragma once

#include <vector>

#include "advisor/core/job_case.hpp"

namespace amorsize {

/// Every figure that the advice rests on, and where it came from.
std::vector<Fact> basis_of(const JobCase&, const Candidate& chosen);

}  // namespace amorsize
