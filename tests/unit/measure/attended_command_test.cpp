#include "advisor/measure/attended_command.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include "tests/support/catch.hpp"

using namespace amorsize;

TEST_CASE("what an attended command leaves behind does not hold us up, and is ended") {
    const measure::HeldSignals signals;
    measure::AttendedCommand command;
    // As salloc does: a group of its own for what it runs, which outlives it.
    command.argv = {"sh", "-c", "set -m; sleep 600 & echo $!"};
    command.environment = {"PATH=/usr/bin:/bin"};
    const auto start = std::chrono::steady_clock::now();
    const CommandResult result = measure::run_attended(command, signals);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
    CHECK(result.status == 0);
    CHECK_FALSE(result.timed_out);
    const pid_t left = std::atoi(result.out.c_str());
    REQUIRE(left > 1);
    CHECK((::kill(left, 0) != 0 && errno == ESRCH));
}
