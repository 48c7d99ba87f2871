#include "advisor/io/cluster_writer.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "advisor/io/quantity_text.hpp"
#include "advisor/io/yaml_text.hpp"

namespace amorsize {

namespace {

using Json = nlohmann::ordered_json;

Json mpi_json(const MpiFacts& mpi) {
    return {{"name", mpi.name}, {"version", mpi.version}, {"srun_types", mpi.srun_types}};
}

Json launch_json(const LaunchCost& launch) {
    return {{"base", duration_text(launch.base)},
            {"per_log2_node", duration_text(launch.per_log2_node)},
            {"per_rank", duration_text(launch.per_rank)}};
}

Json partition_json(const Partition& partition, const std::vector<NodeClass>& classes) {
    Json json{{"name", partition.name}};
    if (partition.is_default) json["default"] = true;
    if (partition.max_nodes) json["max_nodes"] = *partition.max_nodes;
    if (partition.min_nodes) json["min_nodes"] = *partition.min_nodes;
    if (partition.max_time) json["max_time"] = duration_text(*partition.max_time);
    if (partition.max_memory_per_node)
        json["max_memory_per_node"] = size_text(*partition.max_memory_per_node);
    if (partition.max_cpus_per_node) json["max_cpus_per_node"] = *partition.max_cpus_per_node;
    if (partition.default_memory_per_cpu)
        json["default_memory_per_cpu"] = size_text(*partition.default_memory_per_cpu);
    if (partition.whole_nodes) json["whole_nodes"] = true;
    if (partition.jobs_per_core > 1) json["jobs_per_core"] = partition.jobs_per_core;
    json["nodes"] = Json::array();
    for (const PartitionNodes& nodes : partition.nodes) {
        json["nodes"].push_back(
            {{"class", classes.at(static_cast<std::size_t>(nodes.node_class)).name},
             {"count", nodes.count}});
    }
    return json;
}

Json spread_json(const FigureSpreads& spread) {
    Json json = Json::object();
    for (const SpreadField& field : kSpreadFields)
        if (const auto& one = spread.*field.spread) json[field.name] = one->value;
    return json;
}

Json figures_json(const NodeFigures& figures) {
    Json json = Json::object();
    if (figures.spawn) {
        Json spawn = Json::object();
        const auto add = [&](const char* key, const std::optional<Seconds>& cost) {
            if (cost) spawn[key] = duration_text(*cost);
        };
        add("exec", figures.spawn->exec);
        add("fork_per_gib", figures.spawn->fork_per_gib);
        add("thread", figures.spawn->thread);
        json["spawn"] = std::move(spawn);
    }
    if (figures.bandwidth_per_numa) {
        json["bandwidth_per_numa"] = {
            {"one_core", rate_text(figures.bandwidth_per_numa->one_core)},
            {"saturated", rate_text(figures.bandwidth_per_numa->saturated)}};
        if (const auto& cores = figures.bandwidth_per_numa->saturating_cores)
            json["bandwidth_per_numa"]["saturating_cores"] = *cores;
    }
    if (figures.smt_yield) json["smt_yield"] = *figures.smt_yield;
    if (figures.core_speed) json["core_speed"] = *figures.core_speed;
    if (figures.all_core_speed) json["all_core_speed"] = *figures.all_core_speed;
    if (figures.node_spread) json["node_spread"] = figures.node_spread->value;
    if (const Json spread = spread_json(figures.spread); !spread.empty()) json["spread"] = spread;
    return json;
}

Json class_json(const NodeClass& node_class) {
    const bool is_file = std::filesystem::path(node_class.topology_source).extension() == ".xml";
    Json json{{"name", node_class.name}};
    json[is_file ? "topology_file" : "topology"] = node_class.topology_source;
    json["memory"] = size_text(node_class.memory);
    for (const Bytes domain : node_class.memory_per_domain)
        json["per_numa"].push_back(size_text(domain));
    if (!node_class.features.empty()) json["features"] = node_class.features;
    if (node_class.gpus > 0) json["gpus"] = node_class.gpus;
    const Json figures = figures_json(node_class.measured);
    if (!figures.empty()) json["measured"] = figures;
    return json;
}

}  // namespace

std::string write_cluster(const Cluster& cluster) {
    Json json{{"amorsize", 1}};
    if (!cluster.name.empty()) json["cluster"] = cluster.name;
    if (cluster.slurm_version) json["slurm_version"] = *cluster.slurm_version;
    if (cluster.mpi) json["mpi"] = mpi_json(*cluster.mpi);
    if (cluster.launch) json["launch"] = launch_json(*cluster.launch);
    if (cluster.dispatch) json["dispatch"] = duration_text(*cluster.dispatch);
    if (cluster.max_array_size) json["max_array_size"] = *cluster.max_array_size;
    if (!cluster.partitions.empty()) {
        json["partitions"] = Json::array();
        for (const Partition& partition : cluster.partitions)
            json["partitions"].push_back(partition_json(partition, cluster.classes));
    }
    json["node_classes"] = Json::array();
    for (const NodeClass& node_class : cluster.classes)
        json["node_classes"].push_back(class_json(node_class));
    return yaml_text(json);
}

}  // namespace amorsize
