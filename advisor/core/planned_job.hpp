#pragma once

#include <cstdint>
#include <optional>

#include "advisor/core/advice.hpp"
#include "advisor/core/finished_run.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/plan.hpp"

namespace amorsize {

/// A job together with the plan that was made for it: what amorsize-run executes and
/// amorsize-report compares with.
struct PlannedJob {
    Manifest job;
    std::int64_t items = 0;
    Verdict verdict = Verdict::serial;
    Plan plan;
    std::optional<JobInstance> remembered_as;  ///< in the history; nothing: not at all
};

}  // namespace amorsize
