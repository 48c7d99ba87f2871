#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/command_port.hpp"
#include "slurm/version.hpp"

namespace amorsize::slurm {

/// What a partition says beyond the model's Partition.
struct PartitionDetails {
    std::string name;
    std::string qos;  ///< whose limits hold for every job there; empty: none
    std::optional<Seconds> default_time;
    std::optional<Bytes> max_memory_per_cpu;
    std::optional<Bytes> default_memory_per_node;
};

/// A partition that takes no jobs now.
struct ClosedPartition {
    std::string name;
    bool is_default = false;
    std::string state;  ///< "DOWN", "DRAIN", "INACTIVE"
};

/// The controller's settings that change what a request means.
struct Settings {
    bool memory_is_granted =
        false;  ///< SelectTypeParameters names memory: --mem is a limit jobs are placed by
    std::string default_mpi;  ///< MpiDefault
    std::string launch_parameters;
    std::string task_plugin;
};

/// Amounts a job, a user or a group may not go over; absent: no limit.
struct ResourceLimits {
    std::optional<int> nodes;
    std::optional<int> cpus;
    std::optional<int> gpus;
    std::optional<Bytes> memory;
    std::optional<Seconds> wall;
};

/// What the accounting lets me do under one of my accounts.
struct AccountLimits {
    std::string account;
    std::string partition;         ///< empty: all of them
    std::vector<std::string> qos;  ///< names I may ask for
    ResourceLimits per_job;
    ResourceLimits all_jobs;  ///< mine, or those of the whole account, whichever is less
};

struct QosLimits {
    std::string name;
    ResourceLimits per_job;
    ResourceLimits per_user;
    ResourceLimits all_jobs;
    std::optional<int> least_nodes;      ///< that a job must ask for
    bool goes_before_partition = false;  ///< OverPartQOS: as a job's, before the partition's own
};

/// One node of a class, and what changes when its hardware or system does.
struct ClassNode {
    std::string name;
    std::string boot_time;  ///< "2026-11-21T08:37:43", a second more or less; empty if unknown
    std::string system;
    bool idle = false;  ///< up, and no job, plan or reservation has a part of it
    std::vector<std::string> partitions;
};

/// What Slurm says about the cluster, its nodes folded into classes of equal shape, memory,
/// features and GPUs.
struct ClusterFacts {
    Cluster cluster;
    Version version;
    Settings settings;
    std::vector<PartitionDetails> partitions;         ///< in the order of cluster.partitions
    std::vector<ClosedPartition> closed;              ///< not among cluster.partitions
    std::vector<std::vector<ClassNode>> class_nodes;  ///< in the order of cluster.classes
    std::vector<AccountLimits>
        accounts;  ///< empty where the accounting enforces no limits or does not say
    std::vector<QosLimits> qos;
    int nodes_available = 0;
    int nodes_unavailable =
        0;  ///< down, drained, not answering: not counted in any class or partition
};

/// Asks sinfo, scontrol, srun and sacctmgr, each with a time limit. Slurm knows sockets, cores and
/// threads but no NUMA: one domain a socket is assumed, with an equal share of the memory
/// (NodeClass::domains_assumed). Throws Error(environment) with what to try where Slurm is missing
/// or does not answer; the types of MPI launch and the accounting's limits are left out silently
/// instead.
ClusterFacts read_cluster_facts(const CommandPort& run);

/// Whether Slurm's commands are there and know a cluster. Without a configuration (no slurm.conf,
/// no SLURM_CONF, none served by a controller) they are merely installed.
bool is_configured(const CommandPort& run);

}  // namespace amorsize::slurm
