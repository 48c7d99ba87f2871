#pragma once

#include <string>

#include "advisor/core/past_runs.hpp"
#include "advisor/core/predictors.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// What a worker of the next run may take, learned from the earlier runs of the job that ended well
/// as `amorsize-report --backtest` learns from the tasks of a trace: RequestLearner, in the order
/// they ended, each with the largest peak of its workers.
class MemoryOfRuns {
public:
    /// `most`: what a worker can be given.
    MemoryOfRuns(const PastRuns& past, Bytes most);

    /// Whether requests learned so would have cost less than those the runs were planned with:
    /// byte seconds asked for and not used, all of them where it was too little, and a price for
    /// that (LearningPolicy::kill_price). A plan may be below the largest peak and do, because the
    /// workers of a node share its memory; a learned request below it counts as too little.
    /// False for fewer than three runs, which tell less than the items of the last one.
    bool to_be_preferred() const;
    Bytes request() const;
    /// After a run whose workers were planned with `killed_at` ran out of memory.
    Bytes after_kill(Bytes killed_at) const;

    int runs() const { return runs_; }
    /// Runs after the first for which a learned request would have been too little.
    int short_of() const { return short_of_; }
    /// What counts most in the request: "line on input x 1.05".
    std::string choice() const;

private:
    void compare(const FinishedRun& run);

    LearningPolicy policy_;
    RequestLearner learner_;
    TaskFacts now_;
    int runs_ = 0;
    int short_of_ = 0;
    double used_ = 0;            ///< byte seconds
    double wasted_learned_ = 0;  ///< byte seconds, over the runs compared
    double wasted_planned_ = 0;
    int too_little_planned_ = 0;
};

}  // namespace amorsize
