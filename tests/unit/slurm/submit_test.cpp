#include "slurm/submit.hpp"

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/slurm/replay.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

TEST_CASE("an accepted script has a start, nodes and processors in every version's words") {
    const std::string version =
        GENERATE("20.11", "21.08", "22.05", "23.02", "23.11", "24.05", "25.05", "25.11");
    CAPTURE(version);
    const auto judgement = parse_judgement({0, "", captured(version, "test_only"), false});
    CHECK(judgement.accepted);
    CHECK(judgement.start.size() == 19);
    CHECK(judgement.processors > 0);
    CHECK_FALSE(judgement.nodes.empty());
}

TEST_CASE("what the captured 22.05 says of a script") {
    const auto judgement = parse_judgement({0, "", captured("22.05", "test_only"), false});
    CHECK(judgement.start == "2026-11-21T08:45:51");
    CHECK(judgement.nodes == "n3");
    CHECK(judgement.processors == 1);
}

TEST_CASE("a refusal keeps Slurm's words and drops the program's name") {
    const auto nodes = parse_judgement({1, "", captured("22.05", "test_only_refused"), false});
    CHECK_FALSE(nodes.accepted);
    CHECK(nodes.message == "Node count specification invalid");
    const auto partition =
        parse_judgement({1, "", captured("22.05", "test_only_no_partition"), false});
    CHECK(partition.message ==
          "invalid partition specified: nope\nInvalid partition name specified");
}

TEST_CASE(
    "submitting gives the job's number, also on a named cluster and below a site's messages") {
    const auto answer = [](const std::string& out) {
        return [out](const auto&, Seconds) { return CommandResult{0, out, "", false}; };
    };
    CHECK(submit(answer("4711\n"), "a.sbatch") == 4711);
    CHECK(submit(answer("4711;mini\n"), "a.sbatch") == 4711);
    CHECK(submit(answer("welcome\n4711\n"), "a.sbatch") == 4711);
    CHECK_THROWS_AS(submit(answer("thank you\n"), "a.sbatch"), Error);
}

TEST_CASE("a refused submission is an environment error in Slurm's words") {
    CommandResult refused{
        1, "", "sbatch: error: Batch job submission failed: Invalid qos specification\n", false};
    try {
        submit([&](const auto&, Seconds) { return refused; }, "a.sbatch");
        FAIL("submitted");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::environment);
        CHECK(std::string(error.what()) ==
              "Slurm refused a.sbatch: Batch job submission failed: Invalid qos specification");
    }
}

TEST_CASE("a silent controller is not taken for a refusal") {
    CommandResult silent{
        1, "", "allocation failure: Unable to contact slurm controller (connect failure)\n", false};
    CHECK_THROWS_AS(test_only([&](const auto&, Seconds) { return silent; }, "a.sbatch"), Error);
    CHECK_THROWS_AS(test_only(
                        [](const auto&, Seconds) {
                            return CommandResult{137, "", "", true};
                        },
                        "a"),
                    Error);
}

TEST_CASE("the wait until a start is counted across days and never below zero") {
    CHECK(wait_between("2025-12-31T23:59:30", "2026-01-01T00:00:30")->value == 60);
    CHECK(wait_between("2026-01-01T00:00:30", "2026-01-01T00:00:00")->value == 0);
    CHECK_FALSE(wait_between("2026-01-01T00:00:30", "Unknown"));
    CHECK_FALSE(wait_between("2026-02-30T00:00:00", "2026-03-01T00:00:00"));
}
