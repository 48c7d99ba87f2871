#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/source.hpp"
#include "advisor/core/topology.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// A figure with its relative spread (interquartile range over median, 0 when it was given, not
/// measured).
template <class Q>
struct Measured {
    Q value;
    Fraction spread{};
};

/// What it costs to start another thread of execution on a node.
struct SpawnCost {
    std::optional<Seconds> exec;          ///< posix_spawn of a small program until it has ended
    std::optional<Seconds> fork_per_gib;  ///< what fork() adds for each GiB the parent has touched
    std::optional<Seconds> thread;        ///< start and join of a thread
};

/// Triad bandwidth of one NUMA domain (STREAM's counting: write-allocate traffic is not counted).
struct DomainBandwidth {
    BytesPerSecond one_core;
    BytesPerSecond saturated;
    std::optional<int> saturating_cores =
        std::nullopt;  ///< fewest of its cores that reach 90 % of that
};

/// Relative spread (interquartile range over median) of each figure of a node; none for one that
/// was given without.
struct FigureSpreads {
    std::optional<Fraction> exec;
    std::optional<Fraction> fork_per_gib;
    std::optional<Fraction> thread;
    std::optional<Fraction> one_core_bandwidth;
    std::optional<Fraction> saturated_bandwidth;
    std::optional<Fraction> smt_yield;
    std::optional<Fraction> all_core_speed;

    friend bool operator==(const FigureSpreads&, const FigureSpreads&) = default;
};

/// Every spread under the name that profiles give it.
struct SpreadField {
    const char* name;
    std::optional<Fraction> FigureSpreads::*spread;
};
inline constexpr std::array<SpreadField, 7> kSpreadFields{
    {{"exec", &FigureSpreads::exec},
     {"fork_per_gib", &FigureSpreads::fork_per_gib},
     {"thread", &FigureSpreads::thread},
     {"one_core", &FigureSpreads::one_core_bandwidth},
     {"saturated", &FigureSpreads::saturated_bandwidth},
     {"smt_yield", &FigureSpreads::smt_yield},
     {"all_core_speed", &FigureSpreads::all_core_speed}}};

/// Of nodes taken together: no figure is surer than on any of them.
inline FigureSpreads widest(FigureSpreads one, const FigureSpreads& other) {
    for (const SpreadField& field : kSpreadFields) {
        auto& mine = one.*field.spread;
        mine = std::max(mine, other.*field.spread);
    }
    return one;
}

/// Figures a probe found on a node class. Every one is optional; the advice says what was assumed
/// instead.
struct NodeFigures {
    std::optional<SpawnCost> spawn;
    std::optional<DomainBandwidth> bandwidth_per_numa;
    std::optional<double> smt_yield;   ///< throughput of two threads on a core over that of one
    std::optional<double> core_speed;  ///< one core's speed relative to the other classes
    std::optional<double>
        all_core_speed;  ///< speed of a core with all busy, over one alone (clock, power)
    std::optional<Fraction>
        node_spread;  ///< between nodes: their core speeds' standard deviation over the median
    FigureSpreads spread;
};

/// What keeps a job from all of a node's hardware threads or memory.
struct ResourceLimit {
    bool of_memory = false;
    std::string allowed;  ///< "2 hardware threads", "22.6 GiB"
    std::string source;   ///< "CPU affinity", "cgroup v2 /sys/fs/cgroup/job memory.max"
};

/// Nodes that are alike.
struct NodeClass {
    std::string name;
    std::string topology_source;  ///< the synthetic string or the XML file the topology came from
    Topology topology;
    bool domains_assumed = false;          ///< one a socket, for only Slurm told of the node
    Bytes memory;                          ///< what a job may use on the node
    std::vector<Bytes> memory_per_domain;  ///< by domain; empty: `memory` is spread evenly
    std::vector<std::string> features;     ///< Slurm features, for --constraint
    int gpus = 0;
    NodeFigures measured;
    Source source = Source::given;      ///< of topology, memory and figures
    std::string origin;                 ///< "this machine", "class a of mini.yaml"
    std::vector<ResourceLimit> limits;  ///< of a machine looked at: the tightest of each kind first
};

/// Time to first useful work: base + per_log2_node * log2(nodes) + per_rank * ranks.
struct LaunchCost {
    Seconds base;
    Seconds per_log2_node;
    Seconds per_rank;
};

struct MpiFacts {
    std::string name;
    std::string version;
    std::vector<std::string> srun_types;  ///< `srun --mpi=list`
};

struct PartitionNodes {
    int node_class = 0;  ///< index into Cluster::classes
    int count = 0;
};

struct Partition {
    std::string name;
    bool is_default = false;
    std::optional<int> max_nodes;
    std::string node_limit_source;  ///< whose limit max_nodes is; empty: the partition's
    std::optional<int> min_nodes;
    std::string node_minimum_source;  ///< of min_nodes, likewise
    std::optional<Seconds> max_time;
    std::string time_limit_source;  ///< of max_time, likewise
    std::optional<Bytes> max_memory_per_node;
    std::optional<int>
        max_cpus_per_node;  ///< of one job, in Slurm's CPUs: hardware threads where it counts those
    std::optional<Bytes> default_memory_per_cpu;
    bool whole_nodes = false;  ///< OverSubscribe=EXCLUSIVE: a job gets nodes, not cores
    int jobs_per_core = 1;     ///< OverSubscribe=FORCE:n: so many jobs may be given the same core
    std::vector<PartitionNodes> nodes;
};

/// What is known of the machines a job may run on: one laptop or a cluster.
struct Cluster {
    std::string name;
    std::optional<std::string> slurm_version;  ///< absent: no Slurm
    std::optional<MpiFacts> mpi;
    std::optional<LaunchCost> launch;
    std::string launch_source;        ///< who measured it, and dispatch; empty: a profile says so
    std::optional<Seconds> dispatch;  ///< cost of handing one chunk to a rank
    std::optional<int> max_array_size;
    std::vector<Partition> partitions;
    std::vector<NodeClass> classes;
};

}  // namespace amorsize
