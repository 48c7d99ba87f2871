#include "slurm/parse_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "slurm/parse_values.hpp"

namespace amorsize::slurm {
namespace {

int count(const Record& record, std::string_view name, int otherwise) {
    return static_cast<int>(parse_count(field(record, name)).value_or(otherwise));
}

std::vector<std::string> features_of(const Record& record) {
    auto text = field(record, "ActiveFeatures");
    if (text.empty()) text = field(record, "AvailableFeatures");
    if (text.empty()) return {};
    auto features = split(text, ',');
    std::sort(features.begin(), features.end());
    return features;
}

// Slurm sets aside the last cores, taking from one socket after the other.
int cores_left(const NodeShape& shape, int socket) {
    const int even = shape.reserved_cores / shape.sockets;
    const int more = shape.reserved_cores % shape.sockets;
    const bool gives_one_more = socket >= shape.sockets - more;
    return std::max(0, shape.cores_per_socket - even - (gives_one_more ? 1 : 0));
}

}  // namespace

Node parse_node(const Record& record) {
    Node node;
    node.name = field(record, "NodeName");
    node.shape.sockets = std::max(1, count(record, "Sockets", 1));
    node.shape.cores_per_socket = std::max(1, count(record, "CoresPerSocket", 1));
    node.shape.threads_per_core = std::max(1, count(record, "ThreadsPerCore", 1));
    node.shape.reserved_cores = std::clamp(count(record, "CoreSpecCount", 0), 0,
                                           node.shape.sockets * node.shape.cores_per_socket - 1);
    const auto memory = parse_memory(field(record, "RealMemory")).value_or(Bytes{});
    const auto reserved = parse_memory(field(record, "MemSpecLimit")).value_or(Bytes{});
    node.shape.memory = std::max(Bytes{}, memory - reserved);
    node.shape.gpus = parse_gpus(field(record, "Gres"));
    node.shape.features = features_of(record);
    node.available = takes_jobs(field(record, "State"));
    node.idle = field(record, "State") == "IDLE";
    node.boot_time = field(record, "BootTime");
    node.system = field(record, "OS");
    if (const auto names = field(record, "Partitions"); !names.empty()) {
        node.partitions = split(names, ',');
    }
    return node;
}

Topology topology_of(const NodeShape& shape) {
    Topology topology;
    topology.packages = shape.sockets;
    const auto share = shape.memory / shape.sockets;
    for (int socket = 0; socket < shape.sockets; ++socket) {
        const int cores = cores_left(shape, socket);
        const NumaDomain memory{socket, share};
        if (cores == 0) {
            topology.memory_only.push_back(memory);
            continue;
        }
        const int domain = static_cast<int>(topology.domains.size());
        topology.domains.push_back(memory);
        for (int i = 0; i < cores; ++i) {
            Core core;
            core.package = socket;
            core.domain = domain;
            core.l3 = domain;
            const int first = (socket * shape.cores_per_socket + i) * shape.threads_per_core;
            for (int t = 0; t < shape.threads_per_core; ++t) core.pus.push_back(first + t);
            topology.cores.push_back(std::move(core));
        }
    }
    topology.l3_caches = static_cast<int>(topology.domains.size());
    return topology;
}

std::string synthetic(const NodeShape& shape) {
    return fmt::format("pack:{} numa:1 core:{} pu:{}", shape.sockets, shape.cores_per_socket,
                       shape.threads_per_core);
}

NodeClass node_class(std::string name, const NodeShape& shape) {
    NodeClass made;
    made.name = std::move(name);
    made.topology_source = synthetic(shape);
    made.topology = topology_of(shape);
    made.domains_assumed = true;
    made.memory = shape.memory;
    made.features = shape.features;
    made.gpus = shape.gpus;
    return made;
}

}  // namespace amorsize::slurm
