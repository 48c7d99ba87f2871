#include "mpi/probe/findings.hpp"

#include <algorithm>
#include <numeric>
#include <random>

#include "advisor/core/error.hpp"
#include "advisor/io/cluster_reader.hpp"
#include "advisor/io/survey_json.hpp"
#include "advisor/measure/topology_source.hpp"
#include "mpi/probe/report_text.hpp"
#include "mpi/probe/write_profile.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/probe/made_nodes.hpp"

using namespace amorsize;
using namespace amorsize::probe;
using made_nodes::gibibytes;
using made_nodes::node;
using made_nodes::with;

namespace {

std::vector<FoundClass> classes_of(const std::vector<NodeGroup>& nodes) {
    NodeSurvey survey;
    for (const NodeGroup& one : nodes) survey = fold(std::move(survey), survey_of(one));
    return found_classes(survey);
}

std::vector<NodeGroup> alike(int count) {
    std::vector<NodeGroup> nodes;
    for (int i = 1; i <= count; ++i) nodes.push_back(node("n" + std::to_string(i)));
    return nodes;
}

double in_bytes(Bytes size) {
    return static_cast<double>(size.value);
}

/// A node with other memory modules, as hardware_key() shows it.
NodeGroup with_installed(NodeGroup made, double count) {
    made.hardware = "EPYC | 2p d0:64c128t d1:64c128t | " + std::to_string(count) + " GiB | 6.1.0";
    return with(std::move(made), NodeFigure::installed_memory, in_bytes(gibibytes(count)));
}

ProbeReport report_of(const std::vector<NodeGroup>& nodes) {
    ProbeReport report;
    report.cluster = "mini";
    report.partition = "main";
    report.slurm_version = "22.05.8";
    report.classes = classes_of(nodes);
    report.outliers = find_outliers(report.classes);
    return report;
}

}  // namespace

TEST_CASE("classes are named by size, the largest a") {
    std::vector<NodeGroup> nodes = alike(3);
    nodes.push_back(with_installed(node("m1"), 512));
    const auto classes = classes_of(nodes);
    REQUIRE(classes.size() == 2);
    CHECK(classes[0].name == "a");
    CHECK(classes[0].nodes.hosts.text() == "n[1-3]");
    CHECK(classes[1].name == "b");

    std::vector<NodeGroup> many;
    for (int i = 0; i < 30; ++i) {
        many.push_back(node("n" + std::to_string(i)));
        many.back().hardware += std::to_string(i);
    }
    const auto named = classes_of(many);
    CHECK(named[25].name == "z");
    CHECK(named[26].name == "aa");
    CHECK(named[29].name == "ad");
}

TEST_CASE("cores are compared between classes, to the largest one") {
    std::vector<NodeGroup> nodes = alike(2);
    CHECK_FALSE(classes_of(nodes)[0].figures.core_speed);
    NodeGroup fast = with(node("m1"), NodeFigure::core_rate, 6e8);
    fast.hardware = "a newer processor";
    nodes.push_back(fast);
    const auto classes = classes_of(nodes);
    CHECK(*classes[0].figures.core_speed == 1);
    CHECK(*classes[1].figures.core_speed == Approx(1.5));
}

TEST_CASE("how much nodes differ in speed is told from eight on, whatever one of them does") {
    const auto scattered = [](int count) {
        std::vector<NodeGroup> nodes;
        for (int i = 0; i < count; ++i) {
            const double rate = 4e8 * (1 + 0.01 * (i % 5 - 2));  // 2, 1, 0, 1, 2 % off
            nodes.push_back(with(node("n" + std::to_string(i)), NodeFigure::core_rate, rate));
        }
        return nodes;
    };
    CHECK_FALSE(classes_of(scattered(7))[0].figures.node_spread);
    std::vector<NodeGroup> nodes = scattered(25);
    CHECK(classes_of(nodes)[0].figures.node_spread->value == Approx(0.0148).margin(0.003));
    nodes.push_back(with(node("slow"), NodeFigure::core_rate, 1e8));
    CHECK(classes_of(nodes)[0].figures.node_spread->value < 0.025);
}

TEST_CASE("figures that were not measured stay open") {
    NodeGroup looked_at = node("n1");
    for (const NodeFigure figure : {NodeFigure::thread, NodeFigure::saturated_bandwidth,
                                    NodeFigure::smt_yield, NodeFigure::all_core_speed})
        looked_at.figure(figure) = {};
    const auto classes = classes_of({looked_at});
    CHECK(classes[0].figures.spawn->exec);
    CHECK_FALSE(classes[0].figures.spawn->thread);
    CHECK_FALSE(classes[0].figures.bandwidth_per_numa);
    CHECK_FALSE(classes[0].figures.smt_yield);
    CHECK_FALSE(classes[0].figures.all_core_speed);
}

TEST_CASE("a slow node is named with its figure and its class's median") {
    std::vector<NodeGroup> nodes = alike(10);
    nodes[6] = with(nodes[6], NodeFigure::core_rate, 3e8);
    const auto outliers = find_outliers(classes_of(nodes));
    REQUIRE(outliers.size() == 1);
    CHECK(outliers[0].figure == NodeFigure::core_rate);
    CHECK(outliers[0].hosts.text() == "n7");
    CHECK(outliers[0].value == 3e8);
    CHECK(outliers[0].median == 4e8);
    CHECK(outliers[0].further == 0);
    const std::string text = warnings_of(report_of(nodes)).at(0);
    CHECK(text == "n7: a core 0.75 x as fast as those of class a");
}

TEST_CASE("a node with a lower memory limit is named with the limit") {
    std::vector<NodeGroup> nodes = alike(4);
    nodes[3] = with(nodes[3], NodeFigure::usable_memory, in_bytes(gibibytes(100)),
                    "cgroup v2 /sys/fs/cgroup/job memory.max");
    nodes[3].memory = gibibytes(100);
    const ProbeReport report = report_of(nodes);
    REQUIRE(report.outliers.size() == 1);
    CHECK(warnings_of(report).at(0) ==
          "n4: memory a job may use 100 GiB, against 250 GiB in class a (cgroup v2 "
          "/sys/fs/cgroup/job memory.max)");
    CHECK(report.classes[0].nodes.memory == gibibytes(100));
}

TEST_CASE("a missing DIMM is named against the nodes that are else the same") {
    std::vector<NodeGroup> nodes = alike(9);
    nodes.push_back(with_installed(node("n10"), 224));
    const ProbeReport report = report_of(nodes);
    CHECK(report.classes.size() == 2);
    REQUIRE(report.outliers.size() == 1);
    CHECK(warnings_of(report).at(0) ==
          "n10: memory installed 224 GiB, against 256 GiB of nodes like it (class a is the same "
          "but for memory)");
    // As many of either are two kinds of nodes, and so is more memory than the others have.
    std::vector<NodeGroup> two_kinds = alike(4);
    for (int i = 5; i <= 8; ++i)
        two_kinds.push_back(with_installed(node("n" + std::to_string(i)), 224));
    CHECK(find_outliers(classes_of(two_kinds)).empty());
    std::vector<NodeGroup> fat = alike(9);
    fat.push_back(with_installed(node("n10"), 1024));
    CHECK(find_outliers(classes_of(fat)).empty());
}

TEST_CASE("neither noise nor a class of two has outliers") {
    std::vector<NodeGroup> two = alike(2);
    two[1] = with(two[1], NodeFigure::core_rate, 1e8);
    CHECK(find_outliers(classes_of(two)).empty());

    std::mt19937_64 random(3);
    std::normal_distribution<double> scatter(1, 0.02);
    std::vector<NodeGroup> noisy = alike(200);
    for (NodeGroup& one : noisy) one = with(one, NodeFigure::core_rate, 4e8 * scatter(random));
    CHECK(find_outliers(classes_of(noisy)).empty());
    // Wide scatter is the class's own: 20 % below is nothing special where a tenth is usual.
    std::normal_distribution<double> wide(1, 0.1);
    std::vector<NodeGroup> scattered = alike(50);
    for (NodeGroup& one : scattered)
        one = with(one, NodeFigure::core_rate, 4e8 * std::clamp(wide(random), 0.8, 1.2));
    CHECK(find_outliers(classes_of(scattered)).empty());
}

TEST_CASE("of many slow nodes the worst are named, the others counted") {
    std::vector<NodeGroup> nodes = alike(100);
    for (std::size_t i = 0; i < 20; ++i)
        nodes[i] =
            with(nodes[i], NodeFigure::saturated_bandwidth, 75e9 + 1e9 * static_cast<double>(i));
    const auto outliers = find_outliers(classes_of(nodes));
    REQUIRE(outliers.size() == 1);
    CHECK(outliers[0].hosts.text() == "n[1-8]");
    CHECK(outliers[0].further == 12);
    CHECK(outliers[0].value == 75e9);
}

TEST_CASE("the profile reads back as what was found") {
    const TemporaryFolder folder;
    std::vector<NodeGroup> nodes = alike(3);
    for (NodeGroup& one : nodes) one.topology_xml = "the shape of a";
    nodes.push_back(with_installed(node("m1"), 512));
    ProbeReport report = report_of(nodes);
    report.mpi = MpiFacts{"Open MPI", "4.1.4", {"none", "pmix"}};
    report.launch.cost = LaunchCost{{0.31234567}, {0.05}, {0.002}};
    report.missing.add("n4");
    write_profile(report, folder.file("it.yaml"));

    std::vector<std::string> read;
    const Cluster cluster =
        read_cluster(folder.file("it.yaml"), [&](const std::string& path, bool) {
            read.push_back(path);
            return measure::topology_from_synthetic("pack:2 numa:1 core:64 pu:2");
        });
    CHECK(read == std::vector<std::string>{folder.file("it.a.xml"), folder.file("it.b.xml")});
    CHECK(cluster.name == "mini");
    CHECK(cluster.slurm_version == "22.05.8");
    CHECK(cluster.mpi->srun_types == std::vector<std::string>{"none", "pmix"});
    CHECK(cluster.launch->base.value == Approx(0.3123));
    REQUIRE(cluster.partitions.size() == 1);
    CHECK(cluster.partitions[0].name == "main");
    CHECK(cluster.partitions[0].nodes[0].count == 3);
    CHECK(cluster.partitions[0].nodes[1].count == 1);
    const NodeClass& first = cluster.classes[0];
    CHECK(first.memory == gibibytes(250));
    CHECK(first.memory_per_domain == std::vector<Bytes>{gibibytes(120), gibibytes(125)});
    CHECK(first.measured.spawn->exec->value == Approx(900e-6));
    CHECK(first.measured.bandwidth_per_numa->saturated.value == Approx(150e9).epsilon(1e-3));
    CHECK(*first.measured.smt_yield == 1.2);
    CHECK(profile_text(report, "it.").find("# warning: no answer from 1 node: n4\n") !=
          std::string::npos);
}

TEST_CASE("a limit on the node cuts its domains, so that the profile can be read") {
    std::vector<NodeGroup> nodes = alike(1);
    nodes[0].memory = gibibytes(49);
    const Cluster cluster = profile_of(report_of(nodes), "x.");
    const auto& domains = cluster.classes[0].memory_per_domain;
    CHECK(domains[0] + domains[1] <= gibibytes(49));
    CHECK(domains[0].value == Approx(in_bytes(gibibytes(24))).epsilon(1e-6));
}

TEST_CASE("host names cannot add lines to the profile") {
    std::vector<NodeGroup> nodes = {node("n1\nnode_classes: []")};
    const std::string text = profile_text(report_of(nodes), "x.");
    CHECK(text.find("\nnode_classes: []") == std::string::npos);
}

TEST_CASE("the report tells each figure's spread and what one core gets of every NUMA node") {
    std::vector<NodeGroup> nodes = alike(2);
    nodes[0].spread.exec = Fraction{0.03};
    nodes[1].spread.exec = Fraction{0.01};
    nodes[0].cross_bandwidth[1].rate = BytesPerSecond{6.44e9};
    nodes[0].cross_bandwidth[2].rate = BytesPerSecond{7.2e9};
    const ProbeReport report = report_of(nodes);
    const std::string text = report_text(report);
    for (const char* part : {"a program 900 us (spread 3 %)", "one core 12 GB/s, a NUMA domain",
                             "  cross-NUMA one core, GB/s, memory of node     0     1\n"
                             "             from domain 0                   12.0   6.4\n"
                             "             from domain 1                    7.2  12.0\n"
                             "             spread at most 0.4 %, on n1\n"}) {
        INFO(text);
        CHECK(text.find(part) != std::string::npos);
    }
    const std::string json = to_json(report);
    CHECK(json.find("\"bytes_per_second\": 6440000000.0") != std::string::npos);
    CHECK(json.find("\"spread\": 0.03") != std::string::npos);

    nodes[0].cross_bandwidth.clear();
    CHECK(report_text(report_of(nodes)).find("cross-NUMA") == std::string::npos);
}

TEST_CASE("the report says what it found in JSON, too") {
    ProbeReport report = report_of(alike(3));
    report.launch.points = {{1, 2, {{0.25}, {0.1}}, 3}};
    report.network.links = {{"n1", "n2", {{1e-6}, {}}, {{1e10}, {}}}};
    const std::string json = to_json(report);
    for (const char* part : {"\"nodes\": \"n[1-3]\"", "\"count\": 3", "\"median\": 400000000.0",
                             "\"ranks\": 2", "\"from\": \"n1\"", "\"missing\": \"\""}) {
        CHECK(json.find(part) != std::string::npos);
    }
}
