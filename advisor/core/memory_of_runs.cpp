#include "advisor/core/memory_of_runs.hpp"

#include <algorithm>

namespace amorsize {

namespace {

const std::string kJob = "this";  // the learner's only group
constexpr int kFewestRuns = 3;

LearningPolicy policy_for(Bytes most) {
    LearningPolicy policy;
    policy.node_memory = most;
    return policy;
}

double above(Bytes request, Bytes peak) {
    return static_cast<double>(std::max<std::int64_t>(0, request.value - peak.value));
}

TaskFacts facts_of(const FinishedRun& run) {
    return {run.instance.input, std::nullopt};
}

}  // namespace

MemoryOfRuns::MemoryOfRuns(const PastRuns& past, Bytes most)
    : policy_(policy_for(most)), learner_(policy_), now_{past.input, std::nullopt} {
    for (const FinishedRun& run : past.runs) {
        if (runs_ > 0) compare(run);
        if (run.outcome != RunOutcome::completed || !run.peak) continue;
        learner_.learn(kJob, facts_of(run), *run.peak, run.seconds);
        used_ += static_cast<double>(run.peak->value) * run.seconds.value;
        ++runs_;
    }
}

void MemoryOfRuns::compare(const FinishedRun& run) {
    if (!run.planned.memory) return;
    const Bytes planned = *run.planned.memory;
    const Bytes learned = learner_.request(kJob, facts_of(run));
    if (run.outcome == RunOutcome::out_of_memory) {
        wasted_planned_ += static_cast<double>(planned.value) * run.seconds.value;
        ++too_little_planned_;
        if (learned > planned) return;  // whether it would have done is not known
        wasted_learned_ += static_cast<double>(learned.value) * run.seconds.value;
        ++short_of_;
    } else if (run.outcome == RunOutcome::completed && run.peak) {
        wasted_planned_ += above(planned, *run.peak) * run.seconds.value;
        const bool too_little = learned < *run.peak;
        wasted_learned_ +=
            (too_little ? static_cast<double>(learned.value) : above(learned, *run.peak)) *
            run.seconds.value;
        short_of_ += too_little ? 1 : 0;
    }
}

bool MemoryOfRuns::to_be_preferred() const {
    if (runs_ < kFewestRuns) return false;
    const double kill_price = policy_.kill_price * used_ / runs_;
    return wasted_learned_ + kill_price * short_of_ <
           wasted_planned_ + kill_price * too_little_planned_;
}

Bytes MemoryOfRuns::request() const {
    return learner_.request(kJob, now_);
}

Bytes MemoryOfRuns::after_kill(Bytes killed_at) const {
    return learner_.request_after_kill(kJob, now_, killed_at);
}

std::string MemoryOfRuns::choice() const {
    return learner_.choice(kJob, now_);
}

}  // namespace amorsize
