#pragma once

#include <string>
#include <vector>

#include "advisor/core/advice.hpp"

namespace amorsize::cli {

/// A way to run the job in a few words: "2 nodes, 64 workers"; with their threads where those of
/// other plans of the advice have more or fewer.
std::string in_brief(const Plan&, const Advice&);

/// The plan, or one that was compared with it.
struct Way {
    const Plan* plan = nullptr;
    bool chosen = false;
    bool unbeaten = false;    ///< nothing compared is better in time or core hours without being
                              ///< worse in the other
    bool over_limit = false;  ///< the manifest allows fewer nodes
    std::string against;      ///< why it is not the plan; empty for the plan
};
/// The plan first. Empty where nothing was compared. The pointers live as long as the advice.
std::vector<Way> ways_of(const Advice&);

/// What ends sooner or costs less than the plan, of all that was compared: the Pareto set in words.
/// Empty where nothing was compared.
std::string trade_off(const Advice&);

}  // namespace amorsize::cli
