#include "advisor/io/cluster_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "advisor/core/error.hpp"
#include "advisor/io/diagnostics.hpp"
#include "advisor/io/manifest_section.hpp"
#include "advisor/io/nearest.hpp"
#include "advisor/io/read_file.hpp"
#include "advisor/io/yaml_section.hpp"
#include "advisor/io/yaml_tree.hpp"

namespace amorsize {

namespace {

using yaml::Section;

constexpr double kMostNodeSpread = 1;

struct Context {
    const std::string& directory;
    const TopologyReader& topology;
};

void check_positive(Section& section, const std::string& key, bool positive) {
    if (!positive)
        section.fault(key, "is 0, but must be more", "leave the key out if it is not known");
}

std::optional<Seconds> positive_duration(Section& section, const std::string& key) {
    const auto time = section.duration(key);
    if (time) check_positive(section, key, time->value > 0);
    return time;
}

std::optional<Bytes> positive_size(Section& section, const std::string& key) {
    const auto size = section.size(key);
    if (size) check_positive(section, key, size->value > 0);
    return size;
}

std::optional<double> positive_number(Section& section, const std::string& key) {
    const auto number = section.number(key);
    constexpr double kMost = 1000;
    const std::string hint = "1 means no difference; leave the key out if it is not known";
    if (number && *number <= 0) {
        section.fault(key, fmt::format("is {}, but must be above 0", *number), hint);
    } else if (number && (*number < 1 / kMost || *number > kMost)) {
        section.fault(
            key, fmt::format("is {}, but must be between {} and {}", *number, 1 / kMost, kMost),
            hint);
    }
    return number;
}

std::string required_text(Section& section, const std::string& key, const std::string& what) {
    section.missing(key, what, fmt::format("add {}: NAME", key));
    const auto text = section.text(key);
    if (text && text->empty()) section.fault(key, "is empty", "write a name");
    if (text && holds_control_character(*text))
        section.fault(key, "holds a line break or control character", "write it on one line");
    return text.value_or("");
}

/// A partition's or feature's name stands in a #SBATCH line, so a line break in it would be a
/// directive of its own.
void check_features(Section& section, const std::vector<std::string>& features) {
    if (std::any_of(features.begin(), features.end(), holds_control_character))
        section.fault("features", "holds a line break or control character",
                      "write each name on one line");
}

std::optional<MpiFacts> read_mpi(Section& top) {
    auto section = top.section("mpi");
    if (!section) return std::nullopt;
    MpiFacts mpi;
    mpi.name = required_text(*section, "name", "which MPI it is");
    mpi.version = section->text("version").value_or("");
    mpi.srun_types = section->texts("srun_types").value_or(std::vector<std::string>{});
    section->finish();
    return mpi;
}

std::optional<LaunchCost> read_launch(Section& top) {
    auto section = top.section("launch");
    if (!section) return std::nullopt;
    LaunchCost launch;
    section->missing("base", "the time to first useful work on one node", "add base: 0.4s");
    launch.base = section->duration("base").value_or(Seconds{0});
    launch.per_log2_node = section->duration("per_log2_node").value_or(Seconds{0});
    launch.per_rank = section->duration("per_rank").value_or(Seconds{0});
    section->finish();
    return launch;
}

std::optional<SpawnCost> read_spawn(Section& figures) {
    auto section = figures.section("spawn");
    if (!section) return std::nullopt;
    SpawnCost spawn;
    spawn.exec = section->duration("exec");
    spawn.fork_per_gib = section->duration("fork_per_gib");
    spawn.thread = section->duration("thread");
    section->finish();
    return spawn;
}

std::optional<DomainBandwidth> read_bandwidth(Section& figures) {
    auto section = figures.section("bandwidth_per_numa");
    if (!section) return std::nullopt;
    section->missing("one_core", "what one core can move", "add one_core: 11GB/s");
    section->missing("saturated", "what all cores of the domain can move", "add saturated: 42GB/s");
    const auto one = section->rate("one_core");
    const auto all = section->rate("saturated");
    if (one) check_positive(*section, "one_core", one->value > 0);
    if (one && all && *all < *one) {
        section->fault("saturated", "is below one_core, but all cores move at least what one does",
                       "check that the two are not exchanged");
    }
    const auto cores = section->small_integer("saturating_cores", 1);
    section->finish();
    return DomainBandwidth{one.value_or(BytesPerSecond{1}), all.value_or(BytesPerSecond{1}), cores};
}

FigureSpreads read_spread(Section& figures) {
    FigureSpreads spread;
    auto section = figures.section("spread");
    if (!section) return spread;
    for (const SpreadField& field : kSpreadFields) {
        const auto number = section->number(field.name);
        if (!number) continue;
        if (*number < 0)
            section->fault(field.name, fmt::format("is {}, but no spread is negative", *number),
                           "a spread is a share of the figure: 0.03 is 3 %");
        spread.*field.spread = Fraction{*number};
    }
    section->finish();
    return spread;
}

std::optional<Fraction> read_node_spread(Section& figures) {
    const auto number = figures.number("node_spread");
    if (!number) return std::nullopt;
    if (*number < 0 || *number > kMostNodeSpread)
        figures.fault(
            "node_spread", fmt::format("is {}", *number),
            fmt::format("it is the share by which like nodes' speeds differ, from 0 to {}",
                        kMostNodeSpread));
    return Fraction{*number};
}

NodeFigures read_figures(Section& node_class) {
    NodeFigures figures;
    auto section = node_class.section("measured");
    if (!section) return figures;
    figures.spawn = read_spawn(*section);
    figures.bandwidth_per_numa = read_bandwidth(*section);
    figures.smt_yield = positive_number(*section, "smt_yield");
    figures.core_speed = positive_number(*section, "core_speed");
    figures.all_core_speed = positive_number(*section, "all_core_speed");
    figures.node_spread = read_node_spread(*section);
    figures.spread = read_spread(*section);
    section->finish();
    return figures;
}

/// A synthetic string or a file under one of two keys.
void read_topology(Section& section, const Context& context, NodeClass& node_class) {
    const bool is_file = section.has("topology_file");
    if (is_file && section.has("topology"))
        section.fault("topology", "stands beside topology_file", "keep one of the two");
    if (!is_file && !section.has("topology")) {
        section.missing("topology", "the shape of the node",
                        "add topology: \"pack:2 numa:4 core:16 pu:2\" or topology_file: node.xml");
    }
    const std::string key = is_file ? "topology_file" : "topology";
    const auto source = section.text(key);
    section.skip({"topology", "topology_file"});
    if (!source) return;
    const bool is_xml = std::filesystem::path(*source).extension() == ".xml";
    if (is_file != is_xml) {
        section.fault(key, is_file ? "must name a file that ends with .xml" : "is a file's name",
                      is_file ? "export one with lstopo node.xml" : "write topology_file: PATH");
        return;
    }
    node_class.topology_source =
        is_file ? (std::filesystem::path(context.directory) / *source).lexically_normal().string()
                : *source;
    try {
        node_class.topology = context.topology(node_class.topology_source, is_file);
        if (node_class.topology.cores.empty() || node_class.topology.domains.empty()) {
            section.fault(key, "has no usable core", "describe a node that has one");
        }
    } catch (const Error& error) {
        section.fault(key, fmt::format("is no topology: {}", error.what()), error.hint);
    }
}

void read_memory(Section& section, NodeClass& node_class) {
    section.missing("memory", "what a job may use on the node", "add memory: 256GiB");
    node_class.memory = positive_size(section, "memory").value_or(Bytes{0});
    const auto domains = section.sizes("per_numa");
    if (!domains) return;
    node_class.memory_per_domain = *domains;
    const std::size_t expected = node_class.topology.domains.size();
    if (expected != 0 && domains->size() != expected) {
        section.fault("per_numa",
                      fmt::format("has {} sizes, but the topology has {} NUMA domains with cores",
                                  domains->size(), expected),
                      "write one size for each, in order, or leave per_numa out");
    }
    Bytes sum;
    for (const Bytes domain : *domains)
        sum = Bytes{std::min(sum.value, std::int64_t{1} << 61)} + domain;
    if (node_class.memory.value > 0 && sum > node_class.memory) {
        section.fault("per_numa", fmt::format("sums to {}, more than memory", size_text(sum)),
                      "memory is what a job may use on the whole node");
    }
}

NodeClass read_class(Section& section, const Context& context) {
    NodeClass node_class;
    node_class.name = required_text(section, "name", "what partitions call the class");
    read_topology(section, context, node_class);
    read_memory(section, node_class);
    node_class.features = section.texts("features").value_or(std::vector<std::string>{});
    check_features(section, node_class.features);
    node_class.gpus = section.small_integer("gpus", 0).value_or(0);
    node_class.measured = read_figures(section);
    section.finish();
    return node_class;
}

std::vector<NodeClass> read_classes(Section& top, const Context& context) {
    top.missing("node_classes", "the kinds of nodes",
                "add node_classes: [{name: a, topology: \"pack:2 core:16 pu:1\", memory: 256GiB}]");
    auto sections = top.sections("node_classes");
    if (!sections) return {};
    if (sections->empty())
        top.fault("node_classes", "is empty, but needs one class or more",
                  "write [{name: a, topology: \"pack:2 core:16 pu:1\", memory: 256GiB}]");
    std::vector<NodeClass> classes;
    std::set<std::string> names;
    for (Section& section : *sections) {
        classes.push_back(read_class(section, context));
        const std::string& name = classes.back().name;
        if (!name.empty() && !names.insert(name).second)
            section.fault("name", fmt::format("{} names a class twice", in_quotes(name)),
                          "give each class a name of its own");
    }
    return classes;
}

PartitionNodes read_partition_nodes(Section& section, const std::vector<NodeClass>& classes) {
    PartitionNodes nodes;
    const std::string name = required_text(section, "class", "one of node_classes");
    std::vector<std::string> known;
    bool found = false;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        known.push_back(classes[i].name);
        if (classes[i].name != name) continue;
        nodes.node_class = static_cast<int>(i);
        found = true;
    }
    if (!found && !name.empty()) {
        const std::string near = nearest(name, known);
        section.fault("class", fmt::format("{} is not among node_classes", in_quotes(name)),
                      near.empty() ? "write the name of one of node_classes"
                                   : fmt::format("did you mean {}?", near));
    }
    section.missing("count", "how many nodes of the class there are", "add count: 16");
    nodes.count = section.small_integer("count", 1).value_or(1);
    section.finish();
    return nodes;
}

/// Slurm takes a comma for a list, and its commands a leading dash for an option.
void check_partition_name(Section& section, const std::string& name) {
    const bool apart = std::any_of(name.begin(), name.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= ' ' || byte == 0x7f || c == ',' || c == '"' || c == '\'' || c == '=';
    });
    if (apart || name.starts_with('-')) {
        section.fault("name", fmt::format("{} is no name of a partition", in_quotes(name)),
                      "write it as sinfo prints it: no blanks, quotes, commas or equals signs, no "
                      "leading dash");
    }
}

Partition read_partition(Section& section, const std::vector<NodeClass>& classes) {
    Partition partition;
    partition.name = required_text(section, "name", "what sbatch calls the partition");
    check_partition_name(section, partition.name);
    partition.is_default = section.boolean("default").value_or(false);
    partition.max_nodes = section.small_integer("max_nodes", 1);
    partition.min_nodes = section.small_integer("min_nodes", 1);
    if (partition.max_nodes && partition.min_nodes > *partition.max_nodes) {
        section.fault("min_nodes",
                      fmt::format("{} is more than max_nodes, {}", *partition.min_nodes,
                                  *partition.max_nodes),
                      "no job fits both: lower min_nodes or raise max_nodes");
    }
    partition.max_time = positive_duration(section, "max_time");
    partition.max_memory_per_node = positive_size(section, "max_memory_per_node");
    partition.max_cpus_per_node = section.small_integer("max_cpus_per_node", 1);
    partition.default_memory_per_cpu = positive_size(section, "default_memory_per_cpu");
    partition.whole_nodes = section.boolean("whole_nodes").value_or(false);
    partition.jobs_per_core = section.small_integer("jobs_per_core", 1).value_or(1);
    section.missing("nodes", "which nodes it has", "add nodes: [{class: NAME, count: N}]");
    if (auto nodes = section.sections("nodes")) {
        if (nodes->empty())
            section.fault("nodes", "is empty, but a partition needs nodes",
                          "write [{class: NAME, count: N}]");
        for (Section& entry : *nodes)
            partition.nodes.push_back(read_partition_nodes(entry, classes));
    }
    section.finish();
    return partition;
}

std::vector<Partition> read_partitions(Section& top, const std::vector<NodeClass>& classes) {
    auto sections = top.sections("partitions");
    if (!sections) return {};
    std::vector<Partition> partitions;
    std::set<std::string> names;
    bool has_default = false;
    for (Section& section : *sections) {
        partitions.push_back(read_partition(section, classes));
        const Partition& partition = partitions.back();
        if (!names.insert(partition.name).second)
            section.fault("name",
                          fmt::format("{} names a partition twice", in_quotes(partition.name)),
                          "give each partition a name of its own");
        if (partition.is_default && has_default)
            section.fault("default", "is true for a second partition", "keep one default");
        has_default = has_default || partition.is_default;
    }
    return partitions;
}

}  // namespace

Cluster parse_cluster(std::string_view text, const std::string& file_name,
                      const std::string& directory, const TopologyReader& topology) {
    const std::string_view body = without_bom(text);
    Diagnostics faults(file_name, body);
    const auto root = yaml::parse(body, faults);
    auto top = yaml::top_section(root, "cluster profile", faults);
    if (!top) faults.throw_if_any();

    Cluster cluster;
    check_version(*top);
    cluster.name = top->text("cluster").value_or("");
    cluster.slurm_version = top->text("slurm_version");
    cluster.mpi = read_mpi(*top);
    cluster.launch = read_launch(*top);
    cluster.dispatch = top->duration("dispatch");
    cluster.max_array_size = top->small_integer("max_array_size", 0);
    cluster.classes = read_classes(*top, {directory, topology});
    cluster.partitions = read_partitions(*top, cluster.classes);
    top->finish();
    faults.throw_if_any();
    const std::string name = std::filesystem::path(file_name).filename().string();
    for (NodeClass& node_class : cluster.classes)
        node_class.origin = fmt::format("class {} of {}", node_class.name, name);
    return cluster;
}

Cluster read_cluster(const std::string& path, const TopologyReader& topology) {
    const std::string text = read_text_file(path, "cluster profile", yaml::TreeLimits{}.bytes);
    return parse_cluster(text, path, absolute_directory_of(path), topology);
}

}  // namespace amorsize
