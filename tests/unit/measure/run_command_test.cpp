#include "advisor/measure/run_command.hpp"

#include <chrono>

#include "tests/support/catch.hpp"

using namespace amorsize;
using measure::run_command;

TEST_CASE("both streams and the exit code come back") {
    const CommandResult result =
        run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, Seconds{5});
    CHECK(result.status == 3);
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
    CHECK_FALSE(result.timed_out);
}

TEST_CASE("a program that is not there is status 127 with its name") {
    const CommandResult result = run_command({"amorsize-no-such-program"}, Seconds{5});
    CHECK(result.status == 127);
    CHECK(result.err.find("amorsize-no-such-program") != std::string::npos);
}

TEST_CASE("at the limit the whole group is ended") {
    const auto start = std::chrono::steady_clock::now();
    const CommandResult result = run_command({"sh", "-c", "sleep 60 & sleep 60"}, Seconds{0.2});
    CHECK(result.timed_out);
    CHECK(result.status == 128 + 9);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}
