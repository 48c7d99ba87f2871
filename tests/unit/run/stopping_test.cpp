#include <csignal>
#include <fstream>
#include <thread>

#include "mpi/run/failure_policy.hpp"
#include "mpi/run/stop_phases.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace amorsize;
using namespace amorsize::run;

namespace {

Ended failed_with(int exit_code, int signal = 0) {
    Ended ended;
    ended.task.item = 5;
    ended.exit_code = exit_code;
    ended.signal = signal;
    return ended;
}

Retry three_attempts() {
    Retry retry;
    retry.attempts = 3;
    retry.backoff = Seconds{2};
    return retry;
}

/// A kernel counter that says how many processes were killed for memory.
void count_kills(const TemporaryFolder& folder, int kills) {
    std::ofstream(folder.file("memory.events")) << "oom 9\noom_kill " << kills << "\n";
}

}  // namespace

TEST_CASE("what runs gets its grace, then SIGTERM, then SIGKILL") {
    StopPhases stop;
    CHECK_FALSE(stop.stopping());
    CHECK_FALSE(stop.take_due());
    stop.ask(SIGTERM, Seconds{1000});
    CHECK(stop.stopping());
    CHECK(stop.signal() == SIGTERM);
    CHECK_FALSE(stop.take_due());
    SECTION("the warning of a time limit does not end the grace") {
        stop.ask(SIGUSR1, Seconds{0});
        CHECK_FALSE(stop.take_due());
    }
    SECTION("a second request does") {
        stop.ask(SIGINT, Seconds{1000});
        CHECK(stop.take_due() == SIGTERM);
        CHECK_FALSE(stop.take_due());
        std::this_thread::sleep_until(stop.next_due());
        CHECK(stop.take_due() == SIGKILL);
        CHECK(stop.signal() == SIGTERM);
    }
}

TEST_CASE("without a grace SIGTERM is due at once") {
    StopPhases stop;
    stop.begin_now();
    CHECK(stop.take_due() == SIGTERM);
    CHECK(stop.signal() == 0);
}

TEST_CASE("an item is tried as often as the manifest says, after longer and longer pauses") {
    FailurePolicy policy(three_attempts());
    Ended ended = failed_with(1);
    const Verdict first = policy.judge(ended, false);
    CHECK(first.outcome == Outcome::retried);
    CHECK(first.next.attempt == 2);
    CHECK(first.pause == std::chrono::seconds(2));
    ended.task = first.next;
    const Verdict second = policy.judge(ended, false);
    CHECK(second.pause == std::chrono::seconds(4));
    ended.task = second.next;
    CHECK(policy.judge(ended, false).outcome == Outcome::failed);
}

TEST_CASE("a signal from outside counts as a failure only the third time") {
    FailurePolicy policy(Retry{});
    CHECK_FALSE(policy.judge(failed_with(0, SIGTERM), false).outcome);
    CHECK_FALSE(policy.judge(failed_with(0, SIGTERM), false).outcome);
    CHECK(policy.judge(failed_with(0, SIGTERM), false).outcome == Outcome::failed);
}

TEST_CASE("an item killed for memory is tried alone, and fails if it was alone") {
    const TemporaryFolder folder;
    count_kills(folder, 4);
    FailurePolicy policy(Retry{}, MemoryKills({folder.file("memory.events")}));
    CHECK(policy.judge(failed_with(0, SIGKILL), false).outcome == Outcome::failed);
    count_kills(folder, 6);
    CHECK(policy.judge(failed_with(137), false).outcome == Outcome::out_of_memory);
    CHECK(policy.judge(failed_with(0, SIGKILL), true).outcome == Outcome::failed);
    CHECK(policy.judge(failed_with(0, SIGKILL), false).outcome == Outcome::failed);
}
