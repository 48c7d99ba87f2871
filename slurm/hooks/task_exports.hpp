#pragma once

#include <map>
#include <optional>
#include <string>

#include "advisor/core/planned_job.hpp"
#include "slurm/hooks/site.hpp"

namespace amorsize::hooks {

/// CPUs that are this task's own: those it may run on, at most SLURM_CPUS_PER_TASK, or where that
/// is not set its share of SLURM_CPUS_ON_NODE among the step's tasks on the node.
int task_cpus(const Variables&, int usable_cpus);

/// Memory that is this task's own: its share of SLURM_MEM_PER_NODE among the step's tasks on the
/// node, or of SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE; nothing if Slurm names neither.
std::optional<Bytes> task_memory(const Variables&);

/// What a task was granted on its node.
struct TaskGrant {
    int cpus = 1;
    std::optional<Bytes> memory;
};

/// What a task's environment gains. Threads (OMP_NUM_THREADS and its kin) are the plan's, else all
/// CPUs of the task; AMORSIZE_WORKERS is the plan's, as far as CPUs and memory suffice for
/// them, else as many as threads leave room for. What the user set stays if it fits the CPUs.
/// AMORSIZE_SET names what we set, so that a step inside a job does not take it for the user's.
std::map<std::string, std::string> task_exports(const Variables&, const TaskGrant&,
                                                const std::optional<PlannedJob>&);

}  // namespace amorsize::hooks
