#include "advisor/measure/topology_xml.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "advisor/measure/topology_source.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

Topology read_back(const std::string& xml) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("amorsize_topology_" + std::to_string(getpid()) + ".xml");
    std::ofstream(path) << xml;
    Topology topology = topology_from_xml(path.string());
    std::filesystem::remove(path);
    return topology;
}

void check_same_cores(const Topology& a, const Topology& b) {
    CHECK(describe(a) == describe(b));
    CHECK(a.l3_caches == b.l3_caches);
    REQUIRE(a.cores.size() == b.cores.size());
    for (std::size_t i = 0; i < a.cores.size(); ++i) {
        CHECK(a.cores[i].pus == b.cores[i].pus);
        CHECK(a.cores[i].domain == b.cores[i].domain);
        CHECK(a.cores[i].l3 == b.cores[i].l3);
    }
    REQUIRE(a.memory_only.size() == b.memory_only.size());
    CHECK(a.gpus_per_domain == b.gpus_per_domain);
}

BandwidthReport report_of(const Topology& topology) {
    BandwidthReport report;
    for (std::size_t i = 0; i < topology.domains.size(); ++i) {
        const auto rate = [&](double mebibytes) {
            return Measured<BytesPerSecond>{{mebibytes * 1048576}, {}};
        };
        report.curves.push_back({static_cast<int>(i), {{1, rate(1000)}, {2, rate(4321)}}, 2});
    }
    return report;
}

bool has_value(const std::string& xml, const std::string& attribute, const std::string& value) {
    const std::size_t start = xml.find("name=\"" + attribute + "\"");
    if (start == std::string::npos) return false;
    return xml.substr(start, xml.find("</memattr>", start) - start).find(value) !=
           std::string::npos;
}

}  // namespace

TEST_CASE("a topology with its bandwidth is written as XML that reads back the same") {
    const Topology topology = restrict_to(discover_topology(), usable_cpus());
    const std::string xml = topology_xml(topology, report_of(topology));
    check_same_cores(read_back(xml), topology);
    CHECK(has_value(xml, "Bandwidth", "value=\"4321\""));
    CHECK(has_value(xml, "OneCoreBandwidth", "value=\"1000\""));
}

TEST_CASE("the XML holds only the hardware threads that are usable") {
    const Topology machine = discover_topology();
    UsableCpus one;
    one.pus = {machine.cores.back().pus.front()};
    one.cpus = 1;
    const Topology topology = restrict_to(machine, one);
    check_same_cores(read_back(topology_xml(topology, {})), topology);
}

TEST_CASE("the XML holds the cross-NUMA matrix, CPU-less memory too, and the GPUs") {
    setenv("HWLOC_XMLFILE", AMORSIZE_TEST_DATA "/data/measure/topologies/uneven.xml", 1);
    Topology topology = discover_topology();
    topology.gpus_per_domain = {0, 4};
    BandwidthReport report;
    report.matrix = {{0, 2, {5000.0 * 1048576}, {}}, {1, 0, {77.0 * 1048576}, {}}};
    const std::string xml = topology_xml(topology, report);
    unsetenv("HWLOC_XMLFILE");
    check_same_cores(read_back(xml), topology);
    CHECK(has_value(xml, "OneCoreBandwidth", "value=\"5000\""));
    CHECK(has_value(xml, "OneCoreBandwidth", "value=\"77\""));
}
