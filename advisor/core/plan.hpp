#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/planned_items.hpp"
#include "advisor/core/source.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// A predicted wall time of the whole job, launch included.
struct WallTime {
    Seconds p50;
    Seconds p95;
};

/// How items are cut into chunks. Every policy hands chunks out on demand except `fixed` in program
/// mode.
enum class Schedule {
    fixed,              ///< every chunk has Layout::chunk items
    guided,             ///< ceil(left / workers), at most Layout::chunk
    factoring,          ///< rounds of `workers` chunks, each round half of what is left, at most
                        ///< Layout::chunk
    weighted_factoring  ///< factoring, times the speed of the node that asks
};

/// Where the work runs, in numbers.
struct Layout {
    int nodes = 1;
    int ranks_per_node = 1;
    int workers_per_rank = 1;  ///< the most any rank has; Plan::ranks holds each one's own
    int workers = 1;           ///< over all ranks
    int cpus_per_worker = 1;   ///< hardware threads granted to a worker
    int threads_per_core = 1;  ///< hardware threads used of each core
    std::int64_t chunk = 1;    ///< items of the largest chunk
    Schedule schedule = Schedule::factoring;

    int ranks() const { return nodes * ranks_per_node; }
    /// Of the nodes that have the most.
    int workers_per_node() const { return (workers + nodes - 1) / nodes; }
};

/// What one rank does. `items` is its expected share; chunks are handed out on demand.
struct RankPlan {
    int rank = 0;
    std::string node_class;
    std::vector<int>
        domains;  ///< NUMA domains of its node it is bound to (indices); empty: the whole node
    int workers = 1;
    std::int64_t chunk = 1;
    std::int64_t chunks = 1;
    std::int64_t items = 0;
};

/// A run longer than its time limit, as jobs one after another that each take up where the one
/// before stopped.
struct Pieces {
    int most = 1;        ///< so many are queued; those not needed are cancelled
    Seconds stop_after;  ///< of a piece's start: no new items from then on
    Seconds grace;       ///< what items still running then are given to end
};

/// The items shared out to jobs of an array, which run by themselves: element e of E has the items
/// e, e + E, e + 2 E, ... The layout, ranks and request of the plan are one element's, what is
/// predicted is the whole array's.
struct ArrayPlan {
    int elements = 1;
    int at_once = 1;              ///< side by side, at most
    std::int64_t items_each = 1;  ///< of the first; no other has more
    WallTime element;             ///< of the first, its start included
};

/// What is asked of Slurm.
struct Request {
    int nodes = 1;
    int ntasks = 1;
    int ntasks_per_node = 1;
    int cpus_per_task = 1;
    std::int64_t mem_mib_per_node = 0;
    Seconds time_limit;        ///< whole minutes; with pieces, of each
    std::string partition;     ///< empty: the cluster's default
    std::string constraint;    ///< empty: none
    bool whole_node = false;   ///< --exclusive
    int threads_per_core = 0;  ///< 0: not asked
    int gpus_per_task = 0;
    std::optional<Pieces> pieces{};
    std::optional<ArrayPlan> array{};
};

struct Prediction {
    std::optional<Source>
        item_times;  ///< how they are known; nothing: they are not, and an assumed second an item
                     ///< stands for them in wall, serial and core_hours
    WallTime wall;
    Seconds serial;  ///< the items one after another on one core of these nodes, no launch
    std::optional<double>
        speedup;  ///< serial / wall.p50; nothing where it is not known, as for `kind: mpi`
    double core_hours = 0;  ///< cores taken times wall.p50
    std::optional<Fraction>
        busy;  ///< share of those core hours spent in items; nothing where speedup is
    Bytes memory_per_node;
    Bytes memory_once;       ///< of it, what the node takes however few its workers
    Bytes memory_in_common;  ///< of each worker's own peak, what is among that
    std::optional<Seconds> queue;
};

struct Plan {
    PlannedItems items;
    Layout layout;
    std::vector<RankPlan> ranks;
    Request request;
    Prediction predicted;
};

/// The argument vectors that start the plan, one for each launcher.
struct LaunchArguments {
    std::vector<std::string> srun;
    std::vector<std::string> mpirun;
};

}  // namespace amorsize
