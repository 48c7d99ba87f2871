#include "slurm/hooks/task_exports.hpp"

#include <algorithm>

#include "advisor/core/granted_workers.hpp"
#include "advisor/core/worker_environment.hpp"

namespace amorsize::hooks {

namespace {

std::optional<int> number(const Variables& variables, const std::string& name) {
    const auto text = variables(name);
    return text ? positive(*text) : std::nullopt;
}

/// What the user set; nothing if it is what a hook of this job set before.
std::optional<std::string> set_by_user(const Variables& variables, const std::string& name) {
    auto value = variables(name);
    const std::string ours = "," + variables("AMORSIZE_SET").value_or("") + ",";
    if (!value || ours.find("," + name + "=" + *value + ",") != std::string::npos) {
        return std::nullopt;
    }
    return value;
}

/// How many a value stands for, if that is at most `most`: "4,2" is 8, since OpenMP 5 starts 2
/// threads in each of 4.
std::optional<int> fitting(const std::optional<std::string>& value, int most) {
    if (!value) return std::nullopt;
    int product = 1;
    for (std::size_t at = 0; at <= value->size();) {
        const std::size_t end = std::min(value->find(',', at), value->size());
        const auto level = positive(std::string_view(*value).substr(at, end - at));
        if (!level || *level > most / product) return std::nullopt;
        product *= *level;
        at = end + 1;
    }
    return product;
}

int granted_workers(const Plan& plan, int rank, const TaskGrant& grant) {
    const int on_cpus = workers_on_cpus(plan, planned_workers(plan, rank), grant.cpus);
    const auto in_memory =
        grant.memory ? workers_in_memory(plan, *grant.memory) : std::optional<int>();
    return std::min(on_cpus, in_memory.value_or(on_cpus));
}

int tasks_on_node(const Variables& variables) {
    const std::string gtids = variables("SLURM_GTIDS").value_or("");
    return 1 + static_cast<int>(std::count(gtids.begin(), gtids.end(), ','));
}

}  // namespace

int task_cpus(const Variables& variables, int usable_cpus) {
    if (const auto asked = number(variables, "SLURM_CPUS_PER_TASK")) {
        return std::max(1, std::min(*asked, usable_cpus));
    }
    const int on_node = number(variables, "SLURM_CPUS_ON_NODE").value_or(usable_cpus);
    return std::max(1, std::min(usable_cpus, on_node / tasks_on_node(variables)));
}

std::optional<Bytes> task_memory(const Variables& variables) {
    const int tasks = tasks_on_node(variables);
    if (const auto mib = number(variables, "SLURM_MEM_PER_NODE")) return kMiB * *mib / tasks;
    const auto mib = number(variables, "SLURM_MEM_PER_CPU");
    const auto cpus = number(variables, "SLURM_CPUS_ON_NODE");
    return mib && cpus ? std::optional(kMiB * *mib * *cpus / tasks) : std::nullopt;
}

std::map<std::string, std::string> task_exports(const Variables& variables, const TaskGrant& grant,
                                                const std::optional<PlannedJob>& plan) {
    const int cpus = grant.cpus;
    const auto wanted_threads = fitting(set_by_user(variables, "OMP_NUM_THREADS"), cpus);
    const auto wanted_workers = fitting(set_by_user(variables, "AMORSIZE_WORKERS"), cpus);
    const int threads = wanted_threads   ? *wanted_threads
                        : plan           ? std::clamp(plan->job.resources.threads, 1, cpus)
                        : wanted_workers ? cpus / *wanted_workers
                                         : cpus;
    const int rank = number(variables, "SLURM_PROCID").value_or(0);
    const bool as_planned = plan && threads <= std::max(1, plan->job.resources.threads);
    int workers =
        as_planned ? granted_workers(plan->plan, rank, grant) : std::max(1, cpus / threads);
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
    if (grant.memory) {
        exports["AMORSIZE_MEMORY_MIB"] = std::to_string(grant.memory->value / kMiB.value);
    }
    const auto index = static_cast<std::size_t>(rank);
    if (plan && index < plan->plan.ranks.size()) {
        exports["AMORSIZE_CHUNK"] = std::to_string(plan->plan.ranks[index].chunk);
        exports["AMORSIZE_CHUNKS"] = std::to_string(plan->plan.ranks[index].chunks);
    }
    exports["AMORSIZE_SET"] = ours;
    return exports;
}

}  // namespace amorsize::hooks
