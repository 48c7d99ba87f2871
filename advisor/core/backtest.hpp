#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "advisor/core/predictors.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// One finished task of a trace.
struct TraceTask {
    std::int64_t row = 0;  ///< as the trace counts its tasks, from 1
    std::string group;     ///< what recurs: a process, a job's name
    std::optional<Bytes> input;
    Bytes peak;
    Seconds seconds;
    std::optional<Bytes> requested;
};

/// A rule that sizes tasks from those before them.
struct SizingRule {
    virtual ~SizingRule() = default;
    virtual Bytes request(const TraceTask& task) const = 0;
    virtual Bytes after_kill(const TraceTask& task, Bytes killed_at) const = 0;
    virtual void learn(const TraceTask& task) = 0;
};

/// What a rule would have cost.
struct RuleOutcome {
    std::string rule;
    double wasted_gib_hours = 0;  ///< asked for and not used, and all that killed attempts held
    std::int64_t kills = 0;
    std::int64_t never_fitted =
        0;  ///< tasks whose peak is above node memory: left out of waste and kills
    std::vector<std::vector<Bytes>> requests;  ///< of each task, its attempts in order
};

struct Backtest {
    std::int64_t tasks = 0;
    std::int64_t groups = 0;
    double used_gib_hours = 0;
    std::vector<RuleOutcome> rules;  ///< ours first
};

/// Replays one rule: a task is killed by a request below its peak, after its full time, and tried
/// again.
RuleOutcome replay(std::span<const TraceTask> trace, SizingRule& rule, std::string name,
                   Bytes node_memory);

/// Replays a trace under our requests and, to compare, what was asked for, the largest seen x 1.2,
/// Tovar's first allocation of minimum waste (Tovar et al. 2018: argmin over seen peaks a of a
/// tau(all) + a_max tau(> a), retried at the largest seen, then doubled) and Witt's regression with
/// an offset (Witt et al. 2019: least squares on input size plus the residuals' deviation, doubled
/// after a kill). All start from the user's request.
Backtest backtest(std::span<const TraceTask> trace, const LearningPolicy& policy);

}  // namespace amorsize
