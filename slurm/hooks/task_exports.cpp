#include "slurm/hooks/task_exports.hpp"

#include <algorithm>
#include <cstdint>

#include "advisor/core/worker_environment.hpp"

namespace amorsize::hooks {

namespace {

std::optional<int> number(const Variables& variables, const std::string& name) {
    const auto text = variables(name);
    return text ? positive(*text) : std::nullopt;
}

/// What the user set; nothing if it is what a hook of this job set before.
std::optional<std::string> set_by_user(const Variables& variables, const std::string& name) {
    const auto value = variables(name);
    const std::string ours = "," + variables("AMORSIZE_SET").value_or("") + ",";
    if (!value || ours.find("," + name + "=" + *value + ",") != std::string::npos) {
        return std::nullopt;
    }
    return value;
}

std::optional<int> fitting(const std::optional<std::string>& value, int most) {
    const auto count = value ? positive(*value) : std::nullopt;
    return count && *count <= most ? count : std::nullopt;
}

int planned_workers(const PlannedJob& job, std::size_t rank, int cpus) {
    const Plan& plan = job.plan;
    const int planned = std::max(
        1, rank < plan.ranks.size() ? plan.ranks[rank].workers : plan.layout.workers_per_rank);
    const int on = std::max(1, plan.request.cpus_per_task);
    if (cpus >= on) return planned;
    return std::max(1, static_cast<int>(std::int64_t{planned} * cpus / on));
}

}  // namespace

int task_cpus(const Variables& variables, int usable_cpus) {
    if (const auto asked = number(variables, "SLURM_CPUS_PER_TASK")) {
        return std::max(1, std::min(*asked, usable_cpus));
    }
    const int on_node = number(variables, "SLURM_CPUS_ON_NODE").value_or(usable_cpus);
    const std::string gtids = variables("SLURM_GTIDS").value_or("");
    const int tasks = 1 + static_cast<int>(std::count(gtids.begin(), gtids.end(), ','));
    return std::max(1, std::min(usable_cpus, on_node / tasks));
}

std::map<std::string, std::string> task_exports(const Variables& variables, int cpus,
                                                const std::optional<PlannedJob>& plan) {
    const auto wanted_threads = fitting(set_by_user(variables, "OMP_NUM_THREADS"), cpus);
    const auto wanted_workers = fitting(set_by_user(variables, "AMORSIZE_WORKERS"), cpus);
    const int threads = wanted_threads   ? *wanted_threads
                        : plan           ? std::clamp(plan->job.resources.threads, 1, cpus)
                        : wanted_workers ? cpus / *wanted_workers
                                         : cpus;
    const auto rank = static_cast<std::size_t>(number(variables, "SLURM_PROCID").value_or(0));
    const bool as_planned = plan && threads <= std::max(1, plan->job.resources.threads);
    int workers = as_planned ? planned_workers(*plan, rank, cpus) : std::max(1, cpus / threads);
    if (wanted_workers && *wanted_workers * threads <= cpus) workers = *wanted_workers;

    std::map<std::string, std::string> exports;
    std::string ours;
    const auto set = [&](const std::string& name, int value) {
        exports[name] = std::to_string(value);
        ours += (ours.empty() ? "" : ",") + name + "=" + exports[name];
    };
    for (const std::string_view name : kThreadVariables) {
        if (!fitting(set_by_user(variables, std::string(name)), cpus)) {
            set(std::string(name), threads);
        }
    }
    if (!wanted_workers || *wanted_workers != workers) set("AMORSIZE_WORKERS", workers);
    exports["AMORSIZE_CPUS"] = std::to_string(cpus);
    exports["AMORSIZE_RANK"] = std::to_string(rank);
    if (plan && rank < plan->plan.ranks.size()) {
        exports["AMORSIZE_CHUNK"] = std::to_string(plan->plan.ranks[rank].chunk);
        exports["AMORSIZE_CHUNKS"] = std::to_string(plan->plan.ranks[rank].chunks);
    }
    exports["AMORSIZE_SET"] = ours;
    return exports;
}

}  // namespace amorsize::hooks
