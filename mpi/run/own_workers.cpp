#include "mpi/run/own_workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisor/core/granted_workers.hpp"

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

}  // namespace

OwnWorkers own_workers(const PlannedJob& job, int rank, const RankResources& found) {
    const int planned = planned_workers(job.plan, rank);
    const int planned_threads = std::max(1, job.plan.request.cpus_per_task);
    OwnWorkers own{planned, {}};
    if (job.job.mode == Mode::program) return own;
    const bool worth_saying = found.hardware_threads < planned_threads ||
                              (found.hardware_threads > planned_threads && bound_by_cpus(job.plan));
    if (worth_saying) {
        own.difference = fmt::format("{} hardware threads here, {} in {}", found.hardware_threads,
                                     planned_threads, planned_class(job.plan, rank));
    }
    own.workers = workers_on_cpus(job.plan, planned, found.hardware_threads);
    const auto fit = found.memory ? workers_in_memory(job.plan, *found.memory) : std::nullopt;
    if (fit && *fit < own.workers) {
        own.workers = *fit;
        own.difference += fmt::format("{}memory for {} workers of {} MiB here",
                                      own.difference.empty() ? "" : "; ", *fit,
                                      memory_of_worker(job.plan).value / kMiB.value);
    }
    if (own.workers != planned) {
        own.difference += fmt::format(": {} workers instead of {}", own.workers, planned);
    } else if (!own.difference.empty()) {
        own.difference += fmt::format(": {} workers as planned", planned);
    }
    return own;
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
