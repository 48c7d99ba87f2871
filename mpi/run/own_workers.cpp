#include "mpi/run/own_workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisor/core/granted_workers.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::run {

namespace {

std::string planned_class(const Plan& plan, int rank) {
    const auto index = static_cast<std::size_t>(rank);
    if (index >= plan.ranks.size() || plan.ranks[index].node_class.empty()) return "the plan";
    return "class " + plan.ranks[index].node_class;
}

/// Whether more hardware threads than planned could be of use: a single worker or workers that wait
/// need no remark.
bool bound_by_cpus(const Plan& plan) {
    const Layout& layout = plan.layout;
    return layout.workers > 1 &&
           layout.workers_per_rank * layout.cpus_per_worker == plan.request.cpus_per_task;
}

/// What is other than planned about the rank's processors; empty: nothing that matters.
std::string processor_difference(const Plan& plan, int rank, const RankResources& found) {
    const int threads = std::max(1, plan.request.cpus_per_task);
    const int each = std::max(1, plan.layout.threads_per_core);
    // Of a core no more hardware threads count than the plan uses.
    const int of_use = found.cores > 0 ? std::min(found.hardware_threads, found.cores * each)
                                       : found.hardware_threads;
    const bool fewer = found.hardware_threads < threads;
    if (fewer || (of_use > threads && bound_by_cpus(plan))) {
        return fmt::format("{} here, {} in {}", counted(found.hardware_threads, "hardware thread"),
                           threads, planned_class(plan, rank));
    }
    if (of_use < threads && bound_by_cpus(plan)) {
        return fmt::format("hardware threads of {} here, {} in {}", counted(found.cores, "core"),
                           (threads + each - 1) / each, planned_class(plan, rank));
    }
    return {};
}

std::set<int> planned_domains(const Plan& plan) {
    std::set<int> all;
    for (const RankPlan& rank : plan.ranks) all.insert(rank.domains.begin(), rank.domains.end());
    return all;
}

}  // namespace

PlannedJob for_one_rank(PlannedJob job) {
    Plan& plan = job.plan;
    const int ranks = std::min(plan.layout.ranks_per_node, static_cast<int>(plan.ranks.size()));
    if (ranks <= 1 || job.job.mode == Mode::program) return job;
    RankPlan all = plan.ranks.front();
    for (int rank = 1; rank < ranks; ++rank) {
        const RankPlan& one = plan.ranks[static_cast<std::size_t>(rank)];
        all.domains.insert(all.domains.end(), one.domains.begin(), one.domains.end());
        all.workers += one.workers;
        all.chunks += one.chunks;
        all.items += one.items;
    }
    plan.layout.ranks_per_node = 1;
    plan.layout.workers_per_rank = all.workers;
    plan.request.ntasks_per_node = 1;
    plan.request.cpus_per_task *= ranks;
    plan.ranks = {std::move(all)};
    return job;
}

OwnWorkers own_workers(const PlannedJob& job, int rank, const RankResources& found) {
    const int planned = planned_workers(job.plan, rank);
    OwnWorkers own{planned, {}};
    if (job.job.mode == Mode::program) return own;
    own.difference = processor_difference(job.plan, rank, found);
    own.workers = workers_on_cpus(job.plan, planned, found.hardware_threads);
    const auto fit = found.memory ? workers_in_memory(job.plan, *found.memory) : std::nullopt;
    if (fit && *fit < own.workers) {
        own.workers = *fit;
        own.difference +=
            fmt::format("{}memory for {} of {} MiB here", own.difference.empty() ? "" : "; ",
                        counted(*fit, "worker"), memory_of_worker(job.plan).value / kMiB.value);
    }
    if (own.workers != planned) {
        own.difference +=
            fmt::format(": {} instead of {}", counted(own.workers, "worker"), planned);
    } else if (!own.difference.empty()) {
        own.difference += fmt::format(": {} as planned", counted(planned, "worker"));
    }
    return own;
}

std::string domain_difference(const Plan& plan, int rank, const DomainsUsed& found) {
    const auto index = static_cast<std::size_t>(rank);
    if (index >= plan.ranks.size() || plan.ranks[index].domains.empty() || found.own.empty()) {
        return {};
    }
    const auto say = [](const char* whose, std::size_t here, std::size_t planned) {
        return fmt::format("{} in {}, planned in {}", whose,
                           counted(static_cast<std::int64_t>(here), "NUMA domain"), planned);
    };
    const std::size_t own = plan.ranks[index].domains.size();
    if (found.own.size() != own) return say("its workers are", found.own.size(), own);
    const std::size_t of_node = planned_domains(plan).size();
    if (found.of_node.size() != of_node) {
        return say("the ranks of its node are", found.of_node.size(), of_node);
    }
    return {};
}

std::string by_rank(const std::vector<std::string>& remarks) {
    std::map<std::string, std::string> ranks_of;
    for (std::size_t first = 0; first < remarks.size();) {
        std::size_t last = first;
        while (last + 1 < remarks.size() && remarks[last + 1] == remarks[first]) ++last;
        std::string& ranks = ranks_of[remarks[first]];
        if (!ranks.empty()) ranks += ", ";
        ranks += first == last ? std::to_string(first) : fmt::format("{} to {}", first, last);
        first = last + 1;
    }
    std::string text;
    for (const auto& [remark, ranks] : ranks_of) {
        if (remark.empty()) continue;
        const bool several = ranks.find(' ') != std::string::npos;
        text += fmt::format("{} {}: {}\n", several ? "ranks" : "rank", ranks, remark);
    }
    return text;
}

double relative_speed(const Plan& plan, int rank) {
    const auto index = static_cast<std::size_t>(rank);
    if (index >= plan.ranks.size()) return 1;
    double items = 0;
    double workers = 0;
    for (const RankPlan& each : plan.ranks) {
        items += static_cast<double>(each.items);
        workers += each.workers;
    }
    const RankPlan& own = plan.ranks[index];
    if (items <= 0 || own.items <= 0 || own.workers <= 0) return 1;
    return static_cast<double>(own.items) / own.workers / (items / workers);
}

}  // namespace amorsize::run
