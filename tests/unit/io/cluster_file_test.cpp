#include <random>

#include "advisor/core/error.hpp"
#include "advisor/io/cluster_reader.hpp"
#include "advisor/io/cluster_writer.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

/// "pack:2 core:4" has two domains of four cores here; anything with "bad" is refused.
Topology topology_of(const std::string& source, bool is_file) {
    if (source.find("bad") != std::string::npos)
        throw Error(ExitCode::bad_input, "hwloc cannot read it", "see hwloc(7)");
    Topology topology;
    topology.packages = is_file ? 1 : 2;
    for (int domain = 0; domain < topology.packages; ++domain) {
        topology.domains.push_back({domain, kGiB});
        for (int core = 0; core < 4; ++core)
            topology.cores.push_back({domain, domain, domain, 0, {4 * domain + core}});
    }
    return topology;
}

Cluster parse(const std::string& text) {
    return parse_cluster(text, "c.yaml", "/profiles", topology_of);
}

std::string faults_of(const std::string& text) {
    try {
        parse(text);
        return "";
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
}

bool says(const std::string& text, const std::string& wanted) {
    const std::string faults = faults_of(text);
    INFO(faults);
    return faults.find(wanted) != std::string::npos;
}

const std::string kContract = R"(amorsize: 1
cluster: mini
slurm_version: 22.05.8            # absent: no Slurm
mpi: {name: Open MPI, version: 4.1.4, srun_types: [pmix, pmi2]}
launch: {base: 0.4s, per_log2_node: 0.05s, per_rank: 0.002s}   # time to first useful work
dispatch: 50us                    # cost of handing one chunk to a rank
partitions:
  - {name: main, default: true, max_nodes: 16, max_time: 1d, nodes: [{class: a, count: 16}]}
node_classes:
  - name: a
    topology: "pack:2 numa:4 core:16 pu:2"
    memory: 256GiB
    measured:
      spawn: {exec: 900us, fork_per_gib: 5ms, thread: 20us}
      bandwidth_per_numa: {one_core: 11GB/s, saturated: 42GB/s}
      smt_yield: 1.2
      core_speed: 1.0
)";

/// The contract's profile with one line of the class replaced.
std::string with_class(const std::string& lines) {
    return "amorsize: 1\nnode_classes:\n  - name: a\n" + lines;
}

Cluster random_cluster(std::mt19937& random) {
    const auto number = [&](int most) {
        return std::uniform_int_distribution<int>(1, most)(random);
    };
    const auto maybe = [&] { return number(2) == 1; };
    const auto seconds = [&] {
        return Seconds{std::exponential_distribution<double>(1.0)(random)};
    };
    Cluster cluster;
    if (maybe()) cluster.name = "a cluster: \"x\" #" + std::to_string(number(9));
    if (maybe()) cluster.slurm_version = "23.11";
    if (maybe()) cluster.mpi = MpiFacts{"Open MPI", maybe() ? "5.0" : "", {"pmix", "none"}};
    if (maybe()) cluster.launch = LaunchCost{seconds(), seconds(), seconds()};
    if (maybe()) cluster.dispatch = seconds();
    if (maybe()) cluster.max_array_size = number(1000);
    for (int i = 0; i < number(4); ++i) {
        NodeClass node_class;
        node_class.name = "c" + std::to_string(i);
        node_class.topology_source = maybe() ? "/profiles/n.xml" : "pack:2 core:4";
        node_class.topology =
            topology_of(node_class.topology_source, node_class.topology_source[0] == '/');
        node_class.memory = Bytes{kTiB.value + number(1'000'000)};
        if (maybe())
            node_class.memory_per_domain.assign(node_class.topology.domains.size(),
                                                Bytes{number(1'000'000)});
        if (maybe()) node_class.features = {"ib", "yes"};
        if (maybe()) node_class.gpus = number(8);
        if (maybe())
            node_class.measured.spawn =
                SpawnCost{maybe() ? std::optional(seconds()) : std::nullopt, seconds(), {}};
        if (maybe())
            node_class.measured.bandwidth_per_numa = DomainBandwidth{
                BytesPerSecond{1e10 + number(1000)}, BytesPerSecond{4e10 + number(1000) / 7.0}};
        if (maybe()) node_class.measured.smt_yield = seconds().value + 1;
        if (maybe()) node_class.measured.core_speed = seconds().value + 1;
        if (maybe()) node_class.measured.all_core_speed = seconds().value + 1;
        if (maybe()) node_class.measured.node_spread = Fraction{1 / (seconds().value + 1)};
        if (maybe()) node_class.measured.spread.exec = Fraction{seconds().value};
        if (maybe()) node_class.measured.spread.saturated_bandwidth = Fraction{seconds().value};
        cluster.classes.push_back(node_class);
    }
    for (int i = 0; i < number(3); ++i) {
        Partition partition;
        partition.name = "p" + std::to_string(i);
        partition.is_default = i == 1;
        if (maybe()) partition.max_nodes = number(99);
        if (maybe()) partition.min_nodes = number(partition.max_nodes.value_or(99));
        if (maybe()) partition.max_time = seconds();
        if (maybe()) partition.max_memory_per_node = Bytes{number(1'000'000)};
        if (maybe()) partition.max_cpus_per_node = number(256);
        if (maybe()) partition.default_memory_per_cpu = Bytes{number(1'000'000)};
        partition.whole_nodes = maybe();
        partition.jobs_per_core = number(4);
        partition.nodes = {{0, number(99)},
                           {static_cast<int>(cluster.classes.size()) - 1, number(99)}};
        cluster.partitions.push_back(partition);
    }
    return cluster;
}

bool same(const std::vector<NodeClass>& a, const std::vector<NodeClass>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const NodeFigures& x = a[i].measured;
        const NodeFigures& y = b[i].measured;
        const bool figures =
            x.spread.exec == y.spread.exec &&
            x.spread.saturated_bandwidth == y.spread.saturated_bandwidth &&
            x.spawn.has_value() == y.spawn.has_value() &&
            (!x.spawn ||
             (x.spawn->exec == y.spawn->exec && x.spawn->fork_per_gib == y.spawn->fork_per_gib &&
              x.spawn->thread == y.spawn->thread)) &&
            x.bandwidth_per_numa.has_value() == y.bandwidth_per_numa.has_value() &&
            (!x.bandwidth_per_numa ||
             (x.bandwidth_per_numa->one_core == y.bandwidth_per_numa->one_core &&
              x.bandwidth_per_numa->saturated == y.bandwidth_per_numa->saturated)) &&
            x.smt_yield == y.smt_yield && x.core_speed == y.core_speed &&
            x.all_core_speed == y.all_core_speed && x.node_spread == y.node_spread;
        const bool rest = a[i].name == b[i].name && a[i].topology_source == b[i].topology_source &&
                          a[i].memory == b[i].memory &&
                          a[i].memory_per_domain == b[i].memory_per_domain &&
                          a[i].features == b[i].features && a[i].gpus == b[i].gpus;
        if (!figures || !rest) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("the documented cluster profile is read in full") {
    const Cluster cluster = parse(kContract);
    CHECK(cluster.name == "mini");
    CHECK(cluster.slurm_version == "22.05.8");
    CHECK(cluster.mpi->srun_types == std::vector<std::string>{"pmix", "pmi2"});
    CHECK(cluster.launch->per_rank == Seconds{0.002});
    CHECK(cluster.dispatch == Seconds{50e-6});
    REQUIRE(cluster.partitions.size() == 1);
    CHECK(cluster.partitions[0].is_default);
    CHECK(cluster.partitions[0].max_nodes == 16);
    CHECK(cluster.partitions[0].max_time == Seconds{86400});
    CHECK(cluster.partitions[0].nodes[0].count == 16);
    REQUIRE(cluster.classes.size() == 1);
    CHECK(cluster.classes[0].topology.cores.size() == 8);
    CHECK(cluster.classes[0].memory == Bytes{256 * kGiB.value});
    CHECK(cluster.classes[0].measured.spawn->exec == Seconds{900e-6});
    CHECK(cluster.classes[0].measured.bandwidth_per_numa->saturated == BytesPerSecond{42e9});
    CHECK(cluster.classes[0].measured.smt_yield == 1.2);
}

TEST_CASE("any cluster reads back equal to what was written") {
    std::mt19937 random(11);
    for (int i = 0; i < 300; ++i) {
        const Cluster cluster = random_cluster(random);
        const std::string text = write_cluster(cluster);
        INFO(text);
        const Cluster again = parse(text);
        CHECK(again.name == cluster.name);
        CHECK(again.slurm_version == cluster.slurm_version);
        CHECK(again.dispatch == cluster.dispatch);
        CHECK(again.max_array_size == cluster.max_array_size);
        CHECK(again.partitions.size() == cluster.partitions.size());
        CHECK(same(again.classes, cluster.classes));
        CHECK(write_cluster(again) == text);
    }
}

TEST_CASE("a topology file starts at the profile's folder") {
    CHECK(parse(with_class("    topology_file: n.xml\n    memory: 1GiB\n"))
              .classes[0]
              .topology_source == "/profiles/n.xml");
    CHECK(parse(with_class("    topology_file: /else/n.xml\n    memory: 1GiB\n"))
              .classes[0]
              .topology_source == "/else/n.xml");
}

TEST_CASE("faults of a cluster profile are named") {
    CHECK(
        says("amorsize: 1\nnode_classes: [{name: a, topology: \"core:1 pu:1\", memory: 1GiB}]\n"
             "partitions: [{name: p, max_nodes: 2, min_nodes: 3, nodes: [{class: a, count: 4}]}]\n",
             "min_nodes: 3 is more than max_nodes, 2"));
    CHECK(says("amorsize: 1\n", "node_classes: is missing"));
    CHECK(says("amorsize: 1\nnode_classes: []\n", "node_classes: is empty"));
    CHECK(says(with_class("    topology: \"bad\"\n    memory: 1GiB\n"),
               "node_classes[0].topology: is no topology: hwloc cannot read it"));
    CHECK(says(with_class("    memory: 1GiB\n"), "node_classes[0].topology: is missing"));
    CHECK(says(with_class("    topology: n.xml\n    memory: 1GiB\n"), "write topology_file: PATH"));
    CHECK(says(with_class("    topology_file: n.txt\n    memory: 1GiB\n"),
               "must name a file that ends with .xml"));
    CHECK(says(with_class("    topology: \"pack:2\"\n    topology_file: n.xml\n    memory: 1GiB\n"),
               "stands beside topology_file"));
    CHECK(says(with_class("    topology: \"pack:2\"\n    memory: 256\n"), "needs a unit"));
    CHECK(says(with_class("    topology: \"pack:2\"\n    memory: 4GiB\n    per_numa: [1GiB]\n"),
               "has 1 sizes, but the topology has 2 NUMA domains"));
    CHECK(
        says(with_class("    topology: \"pack:2\"\n    memory: 4GiB\n    per_numa: [3GiB, 3GiB]\n"),
             "sums to 6GiB, more than memory"));
    CHECK(says(
        with_class("    topology: \"pack:2\"\n    memory: 4GiB\n    measured: {smt_yield: 0}\n"),
        "must be above 0"));
    CHECK(says(
        with_class("    topology: \"pack:2\"\n    memory: 4GiB\n    measured: {node_spread: 2}\n"),
        "from 0 to 1"));
    CHECK(says(with_class("    topology: \"pack:2\"\n    memory: 4GiB\n    measured: "
                          "{bandwidth_per_numa: {one_core: 2GB/s, saturated: 1GB/s}}\n"),
               "is below one_core"));
    CHECK(says(kContract + "  - {name: a, topology: \"pack:2\", memory: 1GiB}\n",
               "names a class twice"));
    std::string text = kContract;
    text.replace(text.find("class: a,"), 9, "class: b,");
    CHECK(says(text, "partitions[0].nodes[0].class: \"b\" is not among node_classes"));
}

TEST_CASE("a name that would break a #SBATCH line and a speed out of range are refused") {
    const auto with = [](const std::string& name, const std::string& measured) {
        return "amorsize: 1\npartitions:\n  - {name: " + name +
               ", nodes: [{class: a, count: 1}]}\nnode_classes:\n  - name: a\n"
               "    topology: \"core:4\"\n    memory: 1GiB\n    measured: {" +
               measured + "}\n";
    };
    CHECK(faults_of(with("main", "core_speed: 2")) == "");
    CHECK(says(with("\"a\\n#SBATCH --uid=0\"", ""), "holds a line break"));
    CHECK(says(with("main", "core_speed: 1e-300"), "must be between 0.001 and 1000"));
    CHECK(says(with("main", "smt_yield: 1e9"), "must be between 0.001 and 1000"));
}
