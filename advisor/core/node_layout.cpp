#include "advisor/core/node_layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "advisor/core/sample_widths.hpp"

namespace amorsize {

namespace {

constexpr int kUnbounded = std::numeric_limits<int>::max();
constexpr std::int64_t kShortList =
    4;  // times the workers within reach: too short to pay for rounds

/// Whether workers may have a second thread of each core. Its yield may be known of arithmetic
/// only: items that hindered each other while there was a core for each share something that more
/// of them only load more. Items that wait share cores anyhow, so second threads must pay for them.
/// A yield too small to pay may still help at the end of a short list, if items were seen side by
/// side.
bool second_thread_allowed(const NodeOffer& node, const Workload& work) {
    const std::optional<double> yield = second_thread_yield(node, work);
    const bool pays = yield && *yield >= kWorthwhileSmtYield;
    const bool may_share = yield && *yield > 1 && !work.waits && !work.co_runs.empty() &&
                           work.threads <= physical_cores(node);
    return threads_per_core(node.topology) >= 2 && !items_hinder_each_other(node, work) &&
           (pays || may_share);
}

/// Workers that waiting items may be given: no more than were seen to help. Where the sample ended
/// while items hardly slowed each other, as many as the next round would have had, and no fewer
/// than without any round; and a list that is too short for wider rounds may run at once. `useful`:
/// workers that keep the cores busy, which says less than a round.
int most_while_waiting(const Workload& work, int cores, double useful) {
    const int helpful = widest_helpful(work);
    const bool undisturbed =
        work.co_runs.empty() ||
        (helpful == work.co_runs.back().workers &&
         work.co_runs.back().throughput * kHardlySlower >= work.co_runs.back().workers);
    if (!undisturbed) return helpful;
    const int within_reach = std::max(kWiderUndisturbed * helpful, kFirstWaitingPerCore * cores);
    const bool list_too_short = work.items <= kShortList * within_reach;
    const double unseen = list_too_short ? static_cast<double>(work.items) : within_reach;
    return std::max(helpful, static_cast<int>(std::min(useful, unseen)));
}

struct DomainRoom {
    int cores = 0;
    int workers = 0;  // most that may run there
};

/// What each domain holds when cores are taken `threads_used` threads each.
std::vector<DomainRoom> rooms_of(const NodeOffer& node, const Workload& work, int threads_used) {
    std::vector<DomainRoom> rooms(std::max<std::size_t>(node.topology.domains.size(), 1));
    for (const Core& core : node.topology.cores)
        ++rooms[static_cast<std::size_t>(core.domain)].cores;
    for (std::size_t domain = 0; domain < rooms.size(); ++domain) {
        DomainRoom& room = rooms[domain];
        room.workers = work.waits ? kUnbounded : room.cores * threads_used / work.threads;
        if (work.memory) {
            room.workers =
                std::min(room.workers, work.memory->fitting(node.memory_per_domain[domain]));
        }
    }
    return rooms;
}

/// Shares workers out as evenly as the rooms allow; nothing if they do not fit.
std::optional<std::vector<int>> share_out(int workers, const std::vector<DomainRoom>& rooms) {
    std::vector<int> shares(rooms.size(), 0);
    int left = workers;
    while (left > 0) {
        const auto open = std::count_if(rooms.begin(), rooms.end(),
                                        [&, i = std::size_t{0}](const DomainRoom& room) mutable {
                                            return shares[i++] < room.workers;
                                        });
        if (open == 0) return std::nullopt;
        const int each = std::max(1, left / static_cast<int>(open));
        for (std::size_t i = 0; i < rooms.size() && left > 0; ++i) {
            const int more = std::min({each, rooms[i].workers - shares[i], left});
            shares[i] += more;
            left -= more;
        }
    }
    return shares;
}

/// CPUs of each domain if all have as many; a task size that fits every domain exists only then.
std::optional<int> cpus_of_equal_domains(const std::vector<DomainRoom>& rooms, int threads_used) {
    for (const DomainRoom& room : rooms) {
        if (room.cores != rooms.front().cores) return std::nullopt;
    }
    return rooms.front().cores * threads_used;
}

RankLayout single_rank(int workers, const std::optional<std::vector<int>>& shares) {
    RankLayout rank;
    rank.workers = workers;
    for (std::size_t domain = 0; shares && domain < shares->size(); ++domain) {
        if ((*shares)[domain] > 0) rank.domains.push_back(static_cast<int>(domain));
    }
    return rank;
}

/// CPUs of the rank with the most workers: one per worker and thread; waiting workers share.
int cpus_for(const Workload& work, int workers, int cpus_there) {
    if (!work.waits) return workers * work.threads;
    const double busy = std::ceil(workers * work.threads * work.cpu_share);
    return std::clamp(static_cast<int>(busy), 1, std::max(1, cpus_there));
}

/// What speaks against a rank for each domain; nothing if it can be done.
std::optional<std::string> against_rank_per_domain(const NodeOffer& node, const Workload& work,
                                                   const std::vector<DomainRoom>& rooms,
                                                   const std::optional<std::vector<int>>& shares,
                                                   int workers, int threads_used) {
    if (!cpus_of_equal_domains(rooms, threads_used)) return "they differ in cores";
    if (!shares) return "a worker does not fit the memory of one";
    const int cpus_of_node = physical_cores(node) * threads_used;
    if (2 * cpus_for(work, workers, kUnbounded) <= cpus_of_node)
        return "half of the cores or more stay free";
    // Slurm grants each task of a step as many GPUs as the others.
    const auto [fewest, most] = std::minmax_element(shares->begin(), shares->end());
    if (*fewest == 0) return "the workers are too few for all of them";
    if (work.gpus > 0 && *fewest != *most) return "the workers' GPUs cannot be shared out evenly";
    return std::nullopt;
}

double throughput_of(const NodeOffer& node, const Workload& work, const NodeLayout& layout,
                     int running) {
    SharedCores shared = shared_cores(node);
    shared.smt_yield = layout.second_thread_yield;
    return node_throughput(work, running, shared) * node.figures.core_speed.value_or(1.0);
}

Slowdown slowdown_on(const NodeOffer& node, const Workload& work, const NodeLayout& layout) {
    std::array<double, Slowdown::kSteps + 1> factors{};
    for (std::size_t step = 0; step < factors.size(); ++step) {
        const int running = std::max(1, layout.workers * static_cast<int>(step) / Slowdown::kSteps);
        factors[step] = running / std::max(throughput_of(node, work, layout, running), 1e-9);
    }
    return Slowdown(factors);
}

}  // namespace

SharedCores shared_cores(const NodeOffer& node) {
    return {static_cast<double>(physical_cores(node)), node.figures.all_core_speed.value_or(1.0),
            node.figures.smt_yield.value_or(1.0)};
}

bool items_hinder_each_other(const NodeOffer& node, const Workload& work) {
    const SharedCores cores = shared_cores(node);
    return std::any_of(work.co_runs.begin(), work.co_runs.end(), [&](const CoRun& run) {
        const bool a_core_each = run.workers * core_demand(work) <= cores.cores;
        return a_core_each &&
               run.throughput * kWorthwhileSmtYield < run.workers * cores.all_core_speed;
    });
}

std::optional<double> second_thread_yield(const NodeOffer& node, const Workload& work) {
    if (!node.figures.smt_yield || !work.smt_yield_seen) return node.figures.smt_yield;
    return std::min(*node.figures.smt_yield, *work.smt_yield_seen);
}

bool shares_cores_to_the_end(const NodeLayout& layout) {
    return layout.threads_per_core > 1 && layout.second_thread_yield < kWorthwhileSmtYield;
}

int memory_ceiling(int physical_cores, Bytes available, const WorkerMemory& worker,
                   Fraction headroom) {
    return std::min(physical_cores, worker.fitting(available * (1 - headroom.value)));
}

int NodeBounds::most() const {
    return std::min({std::max({by_cores, by_waiting, by_threads}), by_memory, by_gpus});
}

NodeBounds bounds_of(const NodeOffer& node, const Workload& work, Fraction headroom) {
    const int cores = physical_cores(node);
    NodeBounds bounds;
    bounds.by_cores = cores / work.threads;
    bounds.by_memory =
        work.memory ? memory_ceiling(kUnbounded, node.memory, *work.memory, headroom) : kUnbounded;
    bounds.by_gpus = work.gpus > 0 ? node.gpus / work.gpus : kUnbounded;
    const bool two_threads = second_thread_allowed(node, work);
    if (two_threads) bounds.by_threads = 2 * cores / work.threads;
    if (work.waits) {
        const double capacity = cores * (two_threads ? *second_thread_yield(node, work) : 1.0);
        bounds.by_waiting =
            most_while_waiting(work, cores, std::ceil(kKeepsBusy * capacity / core_demand(work)));
    }
    return bounds;
}

std::optional<NodeLayout> place_workers(const NodeOffer& node, const Workload& work,
                                        Fraction headroom, int workers, RankRule rule) {
    const NodeBounds bounds = bounds_of(node, work, headroom);
    if (workers < 1 || workers > bounds.most()) return std::nullopt;

    NodeLayout layout;
    layout.workers = workers;
    const bool cores_are_full = workers * core_demand(work) > physical_cores(node);
    if (cores_are_full && second_thread_allowed(node, work)) {
        layout.threads_per_core = 2;
        layout.second_thread_yield = *second_thread_yield(node, work);
    }
    const std::vector<DomainRoom> rooms = rooms_of(node, work, layout.threads_per_core);
    const auto shares = share_out(workers, rooms);
    const int cpus_of_node = physical_cores(node) * layout.threads_per_core;
    if (!work.waits && workers * work.threads > cpus_of_node) return std::nullopt;
    if (rule == RankRule::per_domain) {
        if (rooms.size() == 1 ||
            against_rank_per_domain(node, work, rooms, shares, workers, layout.threads_per_core)) {
            return std::nullopt;
        }
        for (std::size_t domain = 0; domain < rooms.size(); ++domain) {
            layout.ranks.push_back({{static_cast<int>(domain)}, (*shares)[domain]});
        }
        // Whole domains, so that the next rank starts in the next one.
        layout.cpus_per_rank = rooms.front().cores * layout.threads_per_core;
    } else {
        layout.ranks.push_back(single_rank(workers, shares));
        layout.aligned = rooms.size() == 1 || layout.ranks.front().domains.size() == 1;
        // Two threads on a core only once every core has one: the whole node.
        layout.cpus_per_rank =
            layout.threads_per_core > 1 ? cpus_of_node : cpus_for(work, workers, cpus_of_node);
    }
    const int cpus = layout.cpus_per_rank * static_cast<int>(layout.ranks.size());
    layout.cores_taken = std::min(physical_cores(node),
                                  (cpus + layout.threads_per_core - 1) / layout.threads_per_core);
    layout.slowdown = slowdown_on(node, work, layout);
    return layout;
}

std::string why_single_rank(const NodeOffer& node, const Workload& work, const NodeLayout& layout) {
    const std::vector<DomainRoom> rooms = rooms_of(node, work, layout.threads_per_core);
    return against_rank_per_domain(node, work, rooms, share_out(layout.workers, rooms),
                                   layout.workers, layout.threads_per_core)
        .value_or("a rank for each would take more cores for the same time");
}

}  // namespace amorsize
