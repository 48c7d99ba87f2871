#include "slurm/used_before.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

namespace {

JobRecord completed(const std::string& id, const std::string& name) {
    JobRecord job;
    job.id = id;
    job.name = name;
    job.state = "COMPLETED";
    job.elapsed = {90};
    job.nodes = 2;
    job.peak_per_node = kGiB;
    return job;
}

}  // namespace

TEST_CASE("what jobs took reads back as it was written") {
    const auto used = used_by(completed("7_1", "a b|c"));
    REQUIRE(used);
    const auto again = parse_used_before(to_text({*used, {"8", "none", 1, Seconds{5}, {}}}));
    REQUIRE(again.size() == 2);
    CHECK(again[0].id == "7_1");
    CHECK(again[0].name == "a b|c");
    CHECK(again[0].nodes == 2);
    CHECK(again[0].time == Seconds{90});
    CHECK(again[0].memory_per_node == kGiB);
    CHECK_FALSE(again[1].memory_per_node);
}

TEST_CASE("only jobs that have a plain name and ended by themselves or by a limit are kept") {
    CHECK_FALSE(used_by(completed("7", "a\tb")));
    CHECK_FALSE(used_by(completed("7", "a\nb")));
    CHECK_FALSE(used_by(completed("7", "")));
    JobRecord ended = completed("7", "a");
    for (const char* state : {"FAILED", "CANCELLED", "RUNNING"}) {
        ended.state = state;
        CHECK_FALSE(used_by(ended));
    }
}

TEST_CASE("a job that ran out counts with twice what it had of that alone") {
    JobRecord job = completed("7", "a");
    job.requested_per_node = kGiB * 4;
    job.state = "TIMEOUT";
    const auto late = used_by(job);
    REQUIRE(late);
    CHECK(late->time == Seconds{180});
    CHECK_FALSE(late->memory_per_node);
    job.state = "OUT_OF_MEMORY";
    const auto large = used_by(job);
    REQUIRE(large);
    CHECK_FALSE(large->time);
    CHECK(large->memory_per_node == kGiB * 8);
    const auto again = parse_used_before(to_text({*late, *large}));
    REQUIRE(again.size() == 2);
    CHECK_FALSE(again[0].memory_per_node);
    CHECK_FALSE(again[1].time);
}

TEST_CASE("a job is kept once, and the latest 500") {
    std::vector<UsedBefore> jobs;
    for (int i = 0; i < 600; ++i)
        jobs = remembered(std::move(jobs), {{std::to_string(i), "a", 1, Seconds{1}, {}}});
    REQUIRE(jobs.size() == 500);
    CHECK(jobs.front().id == "100");
    jobs = remembered(std::move(jobs), {{"100", "a", 1, Seconds{2}, {}}});
    CHECK(jobs.size() == 500);
    CHECK(jobs.back().time == Seconds{2});
}

TEST_CASE("lines that are none are passed over") {
    CHECK(
        parse_used_before("nonsense\n1\t1\t5\t-\tgood\n\t\t\t\t\n2\t1\t-5\t-\tx\n3\t1\t5").size() ==
        1);
}
