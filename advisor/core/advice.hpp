#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/job_profile.hpp"
#include "advisor/core/plan.hpp"
#include "advisor/core/reason.hpp"

namespace amorsize {

enum class Verdict { parallel, serial, infeasible };

/// A plan that was considered and not taken.
struct Alternative {
    Plan plan;
    Reason against;
};

/// A figure the advice rests on, and where it came from.
struct Fact {
    std::string name;   ///< "item time", "launch cost"
    std::string value;  ///< with its unit
    Source source = Source::assumed;
    std::string origin;  ///< "probe", "5 items on n1", "default of the model"
};

/// The answer. Infeasible is an answer too: then there is no plan, and the reasons say what would
/// fit.
struct Advice {
    Verdict verdict = Verdict::infeasible;
    std::optional<Plan> plan;
    std::vector<Reason> reasons;
    std::vector<Reason> warnings;
    std::vector<Alternative> alternatives;
    std::vector<Fact> basis;
};

}  // namespace amorsize
