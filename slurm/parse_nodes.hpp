#pragma once

#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "slurm/parse_records.hpp"

namespace amorsize::slurm {

/// What Slurm says of one node's hardware: two nodes with equal shapes are of one class.
struct NodeShape {
    int sockets = 1;
    int cores_per_socket = 1;
    int threads_per_core = 1;
    int reserved_cores = 0;  ///< CoreSpecCount: kept for the system, out of every job's reach
    Bytes memory;            ///< RealMemory less MemSpecLimit
    int gpus = 0;
    std::vector<std::string> features;  ///< active ones, sorted

    friend auto operator<=>(const NodeShape&, const NodeShape&) = default;
};

struct Node {
    std::string name;
    NodeShape shape;
    bool available = false;
    bool idle = false;  ///< available, and nothing has a part of it or is about to
    std::vector<std::string> partitions;
    std::string boot_time;  ///< in the cluster's local time: "2026-11-21T08:37:43"; may be empty
    std::string system;     ///< the operating system: "Linux 6.1.0-18-amd64 #1 SMP ..."
};

Node parse_node(const Record&);

/// The shape as a topology: a package and one NUMA domain a socket (assumed), memory spread evenly,
/// hardware threads numbered as in a synthetic hwloc topology.
Topology topology_of(const NodeShape&);
/// hwloc's synthetic description of the sockets, cores and threads: "pack:2 numa:1 core:64 pu:2".
std::string synthetic(const NodeShape&);
NodeClass node_class(std::string name, const NodeShape&);

}  // namespace amorsize::slurm
