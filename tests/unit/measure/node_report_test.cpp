#include "advisor/measure/node_report.hpp"

#include <cstdlib>

#include "advisor/measure/topology_source.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

std::string key_of(const std::string& topology, Bytes memory, const std::string& kernel = "6.1.0") {
    return hardware_key("EPYC", topology_from_synthetic(topology), memory, kernel);
}

}  // namespace

TEST_CASE("the hardware key tells classes apart and not nodes of one class") {
    const std::string key = key_of("pack:2 numa:4 core:16 pu:2", 515 * kGiB);
    CHECK(key == key_of("pack:2 numa:4 core:16 pu:2", 515 * kGiB + 300 * kMiB));
    CHECK(key != key_of("pack:2 numa:4 core:16 pu:2", 480 * kGiB));  // a DIMM of 16 is missing
    CHECK(key != key_of("pack:2 numa:4 core:16 pu:1", 515 * kGiB));
    CHECK(key != key_of("pack:2 numa:2 core:32 pu:2", 515 * kGiB));
    CHECK(key != key_of("pack:2 numa:4 core:16 pu:2", 515 * kGiB, "6.1.1"));
}

TEST_CASE("the shape names packages, caches, domains, memory and GPUs") {
    Topology topology = topology_from_synthetic(
        "pack:2 [numa(memory=8GiB)] [numa(memory=2GiB)] l3:2(size=1MiB) core:2 pu:2");
    topology.gpus_per_domain = {1, 3};
    CHECK(shape(topology) == "2p l3:4x1024K d0:4c8t d2:4c8t m1 m3 4gpu");
}

TEST_CASE("the quick part knows this node") {
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_SYNTHETIC");
    const NodeQuick node = measure_quick();
    CHECK_FALSE(node.host.empty());
    CHECK_FALSE(node.kernel.empty());
    CHECK(node.this_machine);
    CHECK(hardware_threads(node.topology) <= hardware_threads(node.machine));
    CHECK(hardware_threads(node.topology) <= static_cast<int>(node.cpus.pus.size()));
    CHECK(node.hardware_key == measure_quick().hardware_key);
    const NodeClass as_class = node_class(node, "a");
    CHECK(as_class.memory == node.memory.available);
    CHECK(as_class.topology.cores.size() == node.topology.cores.size());
    for (Bytes memory : as_class.memory_per_domain) CHECK(memory <= as_class.memory);
}

TEST_CASE("a class has the memory available on each of its domains") {
    NodeQuick node;
    node.topology = topology_from_synthetic("numa:2 core:2 pu:1");
    node.memory.available = 40 * kGiB;
    node.memory.nodes = {{0, 32 * kGiB, 10 * kGiB}, {1, 64 * kGiB, 60 * kGiB}};
    CHECK(node_class(node, "a").memory_per_domain == std::vector<Bytes>{10 * kGiB, 40 * kGiB});
    node.memory.nodes.pop_back();  // unknown for one: nothing is said rather than half of it
    CHECK(node_class(node, "a").memory_per_domain.empty());
}

TEST_CASE("a described machine brings its own memory and none of this machine's limits") {
    setenv("HWLOC_SYNTHETIC", "numa:2(memory=64GiB) core:8 pu:2", 1);
    const NodeQuick node = measure_quick();
    CHECK_FALSE(node.this_machine);
    CHECK(hardware_threads(node.topology) == 32);
    const NodeClass as_class = node_class(node, "a");
    CHECK(as_class.memory == 128 * kGiB);
    CHECK(as_class.memory_per_domain == std::vector<Bytes>{64 * kGiB, 64 * kGiB});
    const NodeReport report = measure_full(node, Seconds{0.1});
    CHECK_FALSE(report.spawn.exec);
    REQUIRE(report.unmeasured.size() == 1);
    CHECK(report.unmeasured[0].why ==
          "HWLOC_SYNTHETIC numa:2(memory=64GiB) core:8 pu:2 is not this machine");
    unsetenv("HWLOC_SYNTHETIC");
}

TEST_CASE("the full part turns into the figures of a class") {
    const NodeReport report = measure_full(measure_quick(), Seconds{0.5});
    const NodeClass as_class = node_class(report, "a");
    REQUIRE(as_class.measured.spawn);
    CHECK(as_class.measured.spawn->exec.has_value() == report.spawn.exec.has_value());
    CHECK(as_class.measured.spawn->fork_per_gib.has_value() ==
          report.spawn.fork_per_gib.has_value());
    CHECK(as_class.measured.bandwidth_per_numa.has_value() == !report.bandwidth.curves.empty());
    CHECK(as_class.measured.smt_yield.has_value() == report.cores.smt_yield.has_value());
    CHECK(as_class.measured.all_core_speed.has_value() == report.cores.all_core_speed.has_value());
    CHECK_FALSE(as_class.measured.core_speed);
    CHECK(report.cores.one_core_rate > 0);
    CHECK(report.took.value > 0);
}
