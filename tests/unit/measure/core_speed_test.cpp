#include "advisor/measure/core_speed.hpp"

#include "advisor/measure/topology_source.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

TEST_CASE("core speed of this machine: figures where there are cores and threads for them") {
    const Topology topology = restrict_to(discover_topology(), usable_cpus());
    const CoreSpeedReport report = measure_core_speed(topology, Seconds{0.2});
    CHECK(report.one_core_rate > 1e4);
    bool has_second_thread = false;
    for (const Core& core : topology.cores) has_second_thread |= core.pus.size() > 1;
    CHECK(report.smt_yield.has_value() == has_second_thread);
    CHECK(report.all_core_speed.has_value() == (topology.cores.size() > 1));
    if (report.smt_yield) CHECK(report.smt_yield->value > 0);
    if (report.all_core_speed) CHECK(report.all_core_speed->value > 0);
    CHECK(report.unmeasured.empty() == has_second_thread);
}

TEST_CASE("two hardware threads told to be one core yield what two cores do") {
    const UsableCpus cpus = usable_cpus();
    if (cpus.pus.size() < 2) return;
    Topology topology;
    topology.domains = {{0, {}}};
    topology.cores = {{0, 0, 0, 0, {cpus.pus[0], cpus.pus[1]}}};
    const CoreSpeedReport report = measure_core_speed(topology, Seconds{0.2});
    REQUIRE(report.smt_yield);
    CHECK(report.smt_yield->value > 0);
    CHECK_FALSE(report.all_core_speed);
}

TEST_CASE("one core alone has a speed and nothing to compare it with") {
    const int pu = usable_cpus().pus.front();
    Topology topology;
    topology.domains = {{0, {}}};
    topology.cores = {{0, 0, 0, 0, {pu}}};
    const CoreSpeedReport report = measure_core_speed(topology, Seconds{0.05});
    CHECK(report.one_core_rate > 0);
    CHECK_FALSE(report.all_core_speed);
    CHECK_FALSE(report.smt_yield);
}

TEST_CASE("a topology without cores is no crash") {
    CHECK(measure_core_speed({}, Seconds{0.05}).unmeasured.size() == 1);
}
