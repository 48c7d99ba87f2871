#pragma once

#include <optional>
#include <vector>

#include "advisor/core/node_offer.hpp"
#include "advisor/core/slowdown.hpp"
#include "advisor/core/workload.hpp"

namespace amorsize {

/// Workers one node can hold: min(physical cores / threads, floor((1 - headroom) * available /
/// per worker)), pages in common counted once. 0 if not even one fits. Source: the memory ceiling
/// of docs/model.md.
int memory_ceiling(int physical_cores, Bytes available, const WorkerMemory&, Fraction headroom);

/// The cores of a node as workers share them, one thread of each in use.
SharedCores shared_cores(const NodeOffer&);

/// One rank of a node: its NUMA domains and how many workers run there.
struct RankLayout {
    std::vector<int> domains;  ///< empty: a worker does not fit one domain, the rank takes the node
    int workers = 0;
};

/// How workers sit on one node.
struct NodeLayout {
    std::vector<RankLayout> ranks;
    int workers = 0;
    int cpus_per_rank = 1;  ///< hardware threads to ask for each rank
    int threads_per_core = 1;
    double second_thread_yield = 1;  ///< of two threads on a core over one, where both are used
    int cores_taken = 1;
    bool aligned = true;  ///< every rank keeps to one NUMA domain or L3 cache
    Slowdown slowdown;

    /// Items per item time of one worker alone, node speed included.
    double throughput() const { return workers / slowdown.of_all(); }
};

/// What bounds the workers of a node. A bound that was not met is as large as an int can be.
struct NodeBounds {
    int by_cores = 0;   ///< one worker per `threads` physical cores
    int by_memory = 0;  ///< not cut at the cores
    int by_gpus = 0;
    int by_waiting = 0;  ///< above by_cores if items wait
    int by_threads =
        0;  ///< above by_cores if a second thread on a core was measured to lose nothing

    int most() const;  ///< workers that are worth trying
};
NodeBounds bounds_of(const NodeOffer&, const Workload&, Fraction headroom);

/// How many ranks share a node.
enum class RankRule {
    per_domain,  ///< one per NUMA domain, each taking its whole domain: only if the domains are
                 ///< alike and more than half full
    single       ///< one for all workers, which it pins to domains itself
};

/// Places `workers` on a node. Nothing if they do not fit: memory with headroom on the node, memory
/// without in each domain that has a rank of its own, cores not oversubscribed unless items wait.
std::optional<NodeLayout> place_workers(const NodeOffer&, const Workload&, Fraction headroom,
                                        int workers, RankRule);

/// Why all workers of a node that has several NUMA domains are one rank's.
std::string why_single_rank(const NodeOffer&, const Workload&, const NodeLayout&);

/// Whether items with one thread a core were seen to slow each other down by a tenth, beyond what
/// the clock explains.
bool items_hinder_each_other(const NodeOffer&, const Workload&);

/// Throughput of two threads on a core over that of one: measured on arithmetic, or on the items
/// where theirs is surely less. Nothing where it was not measured.
std::optional<double> second_thread_yield(const NodeOffer&, const Workload&);

/// Least gain of a second thread on a core that is worth its memory.
inline constexpr double kWorthwhileSmtYield = 1.1;

/// Whether the plan needs second threads that yield less: they do no more work, but where a list is
/// short, cores whose item has ended go on with the others'.
bool shares_cores_to_the_end(const NodeLayout&);

}  // namespace amorsize
