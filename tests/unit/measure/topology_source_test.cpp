#include "advisor/measure/topology_source.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

std::string refusal(const std::string& description) {
    try {
        topology_from_synthetic(description);
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        CHECK_FALSE(error.hint.empty());
        return error.what();
    }
    return "accepted";
}

std::string xml_refusal(const std::string& path) {
    try {
        topology_from_xml(path);
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
    return "accepted";
}

const std::string kTopologies = AMORSIZE_TEST_DATA "/data/measure/topologies/";

// Holds of every topology, whatever it was made from.
void check_consistent(const Topology& topology) {
    REQUIRE_FALSE(topology.cores.empty());
    REQUIRE_FALSE(topology.domains.empty());
    std::set<int> pus;
    int last_domain = 0;
    std::set<int> used_domains;
    for (const Core& core : topology.cores) {
        REQUIRE_FALSE(core.pus.empty());
        CHECK(core.domain >= last_domain);
        last_domain = core.domain;
        used_domains.insert(core.domain);
        REQUIRE(core.domain < static_cast<int>(topology.domains.size()));
        CHECK((core.l3 >= 0 && core.l3 < topology.l3_caches));
        CHECK((core.package >= 0 && core.package < topology.packages));
        for (int pu : core.pus) CHECK(pus.insert(pu).second);
    }
    CHECK(used_domains.size() == topology.domains.size());
}

struct SetVariable {
    SetVariable(const char* name, const std::string& value) : name_(name) {
        setenv(name, value.c_str(), 1);
    }
    ~SetVariable() { unsetenv(name_); }
    const char* name_;
};

}  // namespace

TEST_CASE("a synthetic topology has the cores, threads and domains it describes") {
    struct Shape {
        int packages, domains, cores, threads;
    };
    for (const Shape& s : {Shape{1, 1, 1, 1}, Shape{1, 1, 1, 2}, Shape{2, 1, 4, 1},
                           Shape{2, 4, 16, 2}, Shape{1, 16, 8, 4}, Shape{2, 8, 16, 2},
                           Shape{4, 2, 8, 8}, Shape{1, 4, 3, 4}, Shape{8, 1, 16, 4}}) {
        const std::string text =
            fmt::format("pack:{} numa:{} core:{} pu:{}", s.packages, s.domains, s.cores, s.threads);
        INFO(text);
        const Topology topology = topology_from_synthetic(text);
        check_consistent(topology);
        CHECK(topology.packages == s.packages);
        CHECK(topology.domains.size() == static_cast<std::size_t>(s.packages * s.domains));
        CHECK(topology.cores.size() == static_cast<std::size_t>(s.packages * s.domains * s.cores));
        CHECK(threads_per_core(topology) == s.threads);
        CHECK(hardware_threads(topology) == s.packages * s.domains * s.cores * s.threads);
        CHECK(cores_of_domain(topology, 0) == s.cores);
    }
}

TEST_CASE("every power of two from 1 to 512 hardware threads reads consistently") {
    for (int threads = 1; threads <= 512; threads *= 2) {
        const Topology topology = topology_from_synthetic(fmt::format("pu:{}", threads));
        check_consistent(topology);
        CHECK(hardware_threads(topology) == threads);
        CHECK(topology.packages == 1);
        CHECK(topology.domains.size() == 1);
    }
}

TEST_CASE("without core objects every hardware thread is a core") {
    const Topology topology = topology_from_synthetic("numa:2 pu:4");
    check_consistent(topology);
    CHECK(topology.cores.size() == 8);
    CHECK(threads_per_core(topology) == 1);
    CHECK(topology.packages == 1);
    CHECK(topology.l3_caches == 2);
    CHECK(topology.l3_size.value == 0);
}

TEST_CASE("memory and cache sizes of a synthetic topology are unknown unless given") {
    const Topology unknown = topology_from_synthetic("numa:2 l3:2 core:2 pu:1");
    CHECK(unknown.domains[0].memory.value == 0);
    CHECK(unknown.l3_size.value == 0);
    CHECK(unknown.l3_caches == 4);
    CHECK(l3_caches_of_domain(unknown, 1) == 2);

    const Topology given =
        topology_from_synthetic("numa:2(memory=64GiB) l3:2(size=32MiB) core:2 pu:1");
    CHECK(given.domains[1].memory == 64 * kGiB);
    CHECK(given.l3_size == 32 * kMiB);
}

TEST_CASE("of two memories local to the same cores one is the domain and the other memory only") {
    const Topology topology =
        topology_from_synthetic("group:2 [numa(memory=96GiB)] [numa(memory=16GiB)] core:4 pu:1");
    check_consistent(topology);
    REQUIRE(topology.domains.size() == 2);
    REQUIRE(topology.memory_only.size() == 2);
    for (const NumaDomain& domain : topology.domains) CHECK(domain.memory == 96 * kGiB);
    for (const NumaDomain& domain : topology.memory_only) CHECK(domain.memory == 16 * kGiB);
}

TEST_CASE("memory of the whole machine beside memory of each package is memory only") {
    const Topology topology =
        topology_from_synthetic("[numa(memory=512GiB)] pack:2 [numa(memory=64GiB)] core:4 pu:2");
    check_consistent(topology);
    REQUIRE(topology.domains.size() == 2);
    CHECK(topology.domains[0].memory == 64 * kGiB);
    REQUIRE(topology.memory_only.size() == 1);
    CHECK(topology.memory_only[0].memory == 512 * kGiB);
}

TEST_CASE("a refused synthetic description names the first word hwloc refuses") {
    CHECK(refusal("pack:2 nuam:4 core:2 pu:1") ==
          "topology \"pack:2 nuam:4 core:2 pu:1\": hwloc refuses it at \"nuam:4\"");
    CHECK(refusal("pack:0 pu:1") == "topology \"pack:0 pu:1\": hwloc refuses it at \"pack:0\"");
    CHECK(refusal("pu:2 core:4") == "topology \"pu:2 core:4\": hwloc refuses it at \"core:4\"");
    CHECK(refusal("core:4") ==
          "topology \"core:4\": hwloc refuses it: the last level must be \"pu\", the hardware "
          "threads of "
          "a core");
    CHECK(refusal("") == "topology \"\": is empty");
    CHECK(refusal("  ") == "topology \"  \": is empty");
}

TEST_CASE("a synthetic description of an absurd size is refused before hwloc builds it") {
    CHECK(refusal("pack:99999 core:99999 pu:99") ==
          "topology \"pack:99999 core:99999 pu:99\": more than 16384 hardware threads");
    CHECK(refusal("pack:99999999999999999999999 pu:1").find("more than 16384") !=
          std::string::npos);
}

TEST_CASE("a domain whose CPUs are all disallowed is memory only") {
    const Topology topology = topology_from_xml(kTopologies + "disallowed-domain.xml");
    check_consistent(topology);
    REQUIRE(topology.domains.size() == 1);
    CHECK(topology.domains[0].os_index == 1);
    REQUIRE(topology.memory_only.size() == 1);
    CHECK(topology.memory_only[0].os_index == 0);
    CHECK(topology.cores.size() == 2);
}

TEST_CASE("uneven domains, a CPU-less node and cores with one thread disabled read as they are") {
    const Topology topology = topology_from_xml(kTopologies + "uneven.xml");
    check_consistent(topology);
    REQUIRE(topology.domains.size() == 2);
    CHECK(cores_of_domain(topology, 0) == 3);
    CHECK(cores_of_domain(topology, 1) == 1);
    CHECK(topology.domains[0].memory == 8 * kGiB);
    CHECK(topology.domains[1].memory == 4 * kGiB);
    REQUIRE(topology.memory_only.size() == 1);
    CHECK(topology.memory_only[0].os_index == 2);
    CHECK(topology.memory_only[0].memory == 16 * kGiB);
    CHECK(topology.cores[0].pus == std::vector<int>{0, 4});
    CHECK(topology.cores[1].pus == std::vector<int>{1});
    CHECK(threads_per_core(topology) == 1);
}

TEST_CASE("hybrid cores are ranked from the slowest kind") {
    const Topology topology = topology_from_xml(kTopologies + "hybrid.xml");
    check_consistent(topology);
    REQUIRE(topology.cores.size() == 4);
    CHECK(topology.cores[0].kind == 1);
    CHECK(topology.cores[1].kind == 1);
    CHECK(topology.cores[2].kind == 0);
    CHECK(topology.cores[3].kind == 0);
}

TEST_CASE("HBM numbered before DRAM is still not the domain") {
    const Topology topology = topology_from_xml(kTopologies + "hbm-first.xml");
    check_consistent(topology);
    REQUIRE(topology.domains.size() == 1);
    CHECK(topology.domains[0].os_index == 1);
    REQUIRE(topology.memory_only.size() == 1);
    CHECK(topology.memory_only[0].os_index == 0);
}

TEST_CASE("GPUs in an XML topology count to the domain they are near") {
    const Topology topology = topology_from_xml(kTopologies + "gpus.xml");
    check_consistent(topology);
    CHECK(topology.gpus_per_domain == std::vector<int>{0, 2});
}

TEST_CASE("a topology file that is none is refused with its name and the reason") {
    CHECK(xml_refusal("/nonexistent/t.xml") ==
          "topology file /nonexistent/t.xml: No such file or directory");
    CHECK(xml_refusal("/tmp") == "topology file /tmp: is no regular file");
    CHECK(xml_refusal("/dev/null") == "topology file /dev/null: is no regular file");
    const std::string path = kTopologies + "not-a-topology.xml";
    CHECK(xml_refusal(path).starts_with("topology file " + path +
                                        ": hwloc does not read it as a topology"));
}

TEST_CASE("a topology file that crashes hwloc is refused like any other that is none") {
    CHECK(xml_refusal(kTopologies + "entity.xml").find("hwloc does not read it as a topology") !=
          std::string::npos);
}

TEST_CASE("discovery finds this machine, every hardware thread once") {
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_SYNTHETIC");
    const Machine machine = discover_machine();
    CHECK(machine.this_machine);
    CHECK(machine.source == "this machine");
    check_consistent(machine.topology);
    CHECK(hardware_threads(machine.topology) == sysconf(_SC_NPROCESSORS_ONLN));
}

TEST_CASE("HWLOC_SYNTHETIC and HWLOC_XMLFILE replace discovery, the file first") {
    const SetVariable synthetic("HWLOC_SYNTHETIC", "pack:2 core:3 pu:2");
    CHECK(hardware_threads(discover_topology()) == 12);
    CHECK_FALSE(discover_machine().this_machine);
    const SetVariable file("HWLOC_XMLFILE", kTopologies + "uneven.xml");
    CHECK(discover_machine().source == "HWLOC_XMLFILE " + kTopologies + "uneven.xml");
    CHECK(discover_topology().memory_only.size() == 1);
}

TEST_CASE("a refused HWLOC_XMLFILE is an error and not this machine instead") {
    const SetVariable file("HWLOC_XMLFILE", "/nonexistent/t.xml");
    CHECK_THROWS_AS(discover_topology(), Error);
}
