#include "advisor/io/measured_line.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;

TEST_CASE("a measurement comes back as it was, among what a site's scripts print") {
    MeasuredCluster before;
    MeasuredClass one;
    one.hosts = *HostList::parse("n[1-3]");
    one.figures.spawn = SpawnCost{Seconds{1e-3}, {}, Seconds{2e-5}};
    one.figures.bandwidth_per_numa = DomainBandwidth{{11e9}, {42e9}, 6};
    one.figures.all_core_speed = 0.9;
    one.figures.node_spread = Fraction{0.02};
    one.figures.spread.saturated_bandwidth = Fraction{0.03};
    one.one_core_rate = 2.5e8;
    one.topology_xml = "<?xml version=\"1.0\"?>\n<topology/>\n";
    before.classes = {one, {}};
    before.missing = HostList("n9");
    before.launch = LaunchCost{{0.4}, {0.1}, {0.002}};
    before.dispatch = Seconds{8e-5};
    before.mpi = MpiFacts{"Open MPI", "4.1.4", {}};
    before.remarks = {"no answer from 1 node: n9"};
    const std::string line = measured_line(before);
    const auto after = find_measured("Welcome!\n" + line + "good bye\n");
    REQUIRE(after);
    REQUIRE(after->classes.size() == 2);
    const MeasuredClass& found = after->classes.front();
    CHECK(found.hosts.text() == "n[1-3]");
    CHECK(found.figures.spawn->exec == Seconds{1e-3});
    CHECK_FALSE(found.figures.spawn->fork_per_gib);
    CHECK(found.figures.bandwidth_per_numa->saturated.value == 42e9);
    CHECK(found.figures.bandwidth_per_numa->saturating_cores == 6);
    CHECK(*found.figures.all_core_speed == 0.9);
    CHECK(found.figures.node_spread == Fraction{0.02});
    CHECK_FALSE(found.figures.smt_yield);
    CHECK(found.figures.spread == one.figures.spread);
    CHECK(found.one_core_rate == 2.5e8);
    CHECK(found.topology_xml == one.topology_xml);
    CHECK(after->missing.text() == "n9");
    CHECK(after->launch->per_rank == Seconds{0.002});
    CHECK(after->dispatch == Seconds{8e-5});
    CHECK(after->mpi->version == "4.1.4");
    CHECK(after->remarks == before.remarks);
    CHECK_FALSE(find_measured(line.substr(0, line.size() / 2)));
    CHECK_FALSE(find_measured("Welcome!\n"));
}
