#include "advisor/measure/spawn_cost.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

TEST_CASE("the cost of starting a process, a fork and a thread is measured with its spread") {
    const SpawnReport report = measure_spawn(usable_memory(), Seconds{0.3});
    REQUIRE(report.exec);
    REQUIRE(report.thread);
    CHECK(report.thread->value.value > 0);
    CHECK(report.exec->value.value > 0);
    CHECK(report.exec->spread.value >= 0);
    if (report.fork_per_gib) CHECK(report.fork_per_gib->value.value >= 0);
}

TEST_CASE("without memory to touch the cost per GiB is left out and named") {
    UsableMemory memory = usable_memory();
    memory.available = 64 * kMiB;
    const SpawnReport report = measure_spawn(memory, Seconds{0.05});
    CHECK_FALSE(report.fork_per_gib);
    REQUIRE(report.unmeasured.size() == 1);
    CHECK(report.unmeasured[0].what == "fork at a resident size");
    CHECK(report.unmeasured[0].why == "64 MiB of memory are usable");
    REQUIRE(spawn_cost(report));
    CHECK_FALSE(spawn_cost(report)->fork_per_gib);
    CHECK(spawn_cost(report)->exec.has_value() == report.exec.has_value());
}

TEST_CASE("the spread is the interquartile range over the median") {
    const Measured<Seconds> summary = summarise<Seconds>({4, 1, 3, 2, 5});
    CHECK(summary.value.value == 3);
    CHECK(summary.spread.value == Approx(2.0 / 3));
    CHECK(summarise<double>({7}).value == 7);
    CHECK(summarise<double>({7}).spread.value == 0);
    CHECK(summarise<double>({0, 0}).spread.value == 0);
}
