#include "mpi/run/failure_policy.hpp"

#include <csignal>

#include "mpi/run/signals.hpp"

namespace amorsize::run {

namespace {

/// A signal that hits an item from outside is often part of one that is meant for the whole job and
/// on its way to us.
constexpr auto kStraySignalPause = std::chrono::milliseconds(1000);
constexpr int kStraySignals = 2;

}  // namespace

Verdict FailurePolicy::judge(const Ended& ended, bool alone) {
    Verdict verdict;
    verdict.next = ended.task;
    ++verdict.next.attempt;
    if (killed_for_memory(ended) && !alone) {
        verdict.outcome = Outcome::out_of_memory;
        return verdict;
    }
    if (stops_a_run(ended.signal) && stray_signals_[ended.task.item]++ < kStraySignals) {
        verdict.pause = kStraySignalPause;
        return verdict;
    }
    ++verdict.next.failures;
    const bool again = verdict.next.failures < retry_.attempts;
    verdict.outcome = again ? Outcome::retried : Outcome::failed;
    verdict.pause = steady(retry_.backoff * verdict.next.failures);
    return verdict;
}

/// SIGKILL by somebody else (also seen by a shell in between: 137). Where the kernel's counter can
/// be read, it must have moved too; one kill accounts for one item.
bool FailurePolicy::killed_for_memory(const Ended& ended) {
    if (ended.signal != SIGKILL && ended.exit_code != 128 + SIGKILL) return false;
    if (!memory_kills_.visible()) return true;
    kills_unexplained_ += memory_kills_.new_kills();
    if (kills_unexplained_ <= 0) return false;
    --kills_unexplained_;
    return true;
}

}  // namespace amorsize::run
