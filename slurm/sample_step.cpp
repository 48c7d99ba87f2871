#include "slurm/sample_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "slurm/parse_records.hpp"
#include "slurm/spelling.hpp"

namespace amorsize::slurm {

namespace {

using std::string_view_literals::operator""sv;

// Options of the manifest's `slurm:` that decide where a job may run.
constexpr std::array kPlaces{"reservation"sv, "nodelist"sv, "exclude"sv, "licenses"sv, "wckey"sv};

// What a job tells its own steps stays; what would be taken for an option of the new step goes.
constexpr std::array kTaskVariables{
    "SLURM_NTASKS"sv,          "SLURM_NPROCS"sv,        "SLURM_NTASKS_PER_NODE"sv,
    "SLURM_NTASKS_PER_CORE"sv, "SLURM_CPUS_PER_TASK"sv, "SLURM_TRES_PER_TASK"sv,
    "SLURM_TASKS_PER_NODE"sv,  "SLURM_MEM_PER_CPU"sv,   "SLURM_MEM_PER_GPU"sv,
    "SLURM_MEM_PER_NODE"sv,    "SLURM_HINT"sv,          "SLURM_THREADS_PER_CORE"sv,
    "SLURM_DISTRIBUTION"sv,    "SLURM_EXCLUSIVE"sv,     "SLURM_EXACT"sv,
    "SLURM_OVERLAP"sv,         "SLURM_WHOLE"sv,         "SLURM_GPUS_PER_TASK"sv,
    "SLURM_LABELIO"sv,         "SLURM_WAIT"sv,          "SLURM_STEP_NAME"sv,
    "SLURM_TIMELIMIT"sv,       "SLURM_IMMEDIATE"sv,     "SLURM_MULTI_PROG"sv};

void append(std::vector<std::string>& arguments, std::vector<std::string> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
}

std::vector<std::string> allocation(const SampleStep& step, const Manifest& manifest,
                                    const NodeOffer& offer) {
    std::vector<std::string> arguments{
        "salloc",
        "--nodes=1",
        "--ntasks=1",
        "--exclusive",
        "--no-bell",
        "--job-name=" + step.name,
        "--time=" + time_limit(step.time),
        "--mem=" + memory(offer.memory / kMiB >= 1 ? offer.memory.value / kMiB.value : 1)};
    if (!offer.partition.empty()) arguments.push_back("--partition=" + offer.partition);
    const std::string constraint = manifest.limits.constraint.value_or(offer.constraint);
    if (!constraint.empty()) arguments.push_back("--constraint=" + constraint);
    if (manifest.limits.account) arguments.push_back("--account=" + *manifest.limits.account);
    if (manifest.limits.qos) arguments.push_back("--qos=" + *manifest.limits.qos);
    if (manifest.resources.gpus > 0 && offer.gpus > 0) {
        arguments.push_back(fmt::format("--gpus-per-node={}", offer.gpus));
    }
    for (const auto& [option, value] : manifest.slurm) {
        const bool place = std::find(kPlaces.begin(), kPlaces.end(), option) != kPlaces.end();
        if (place && !value.empty()) arguments.push_back(fmt::format("--{}={}", option, value));
    }
    return arguments;
}

}  // namespace

std::vector<std::string> sample_step_arguments(const SampleStep& step, const Manifest& manifest,
                                               const NodeOffer& offer,
                                               const std::vector<std::string>& command) {
    std::vector<std::string> arguments;
    if (!step.in_allocation) arguments = allocation(step, manifest, offer);
    // Its progress arrives as it comes only unbuffered; no MPI, so no plugin to wait for.
    append(arguments, {"srun", "--nodes=1", "--ntasks=1", "--overlap", "--mem=0", "--cpu-bind=none",
                       "--mpi=none", "--unbuffered", "--chdir=/"});
    append(arguments, command);
    return arguments;
}

bool is_srun_option_variable(const std::string& name) {
    return name.starts_with("SRUN_") || name.starts_with("SALLOC_EXCLUSIVE") ||
           name.starts_with("SLURM_CPU_BIND") || name.starts_with("SLURM_MEM_BIND") ||
           std::find(kTaskVariables.begin(), kTaskVariables.end(), name) != kTaskVariables.end();
}

std::optional<std::string> allocation_named(const std::string& salloc_line) {
    static constexpr std::string_view kBefore = "job allocation ";
    const auto at = salloc_line.find(kBefore);
    const bool named =
        salloc_line.starts_with("salloc: Pending ") || salloc_line.starts_with("salloc: Granted ");
    if (!named || at == std::string::npos) return std::nullopt;
    return std::string(trimmed(salloc_line.substr(at + kBefore.size())));
}

std::string step_failure(const std::string& errors) {
    std::string text;
    for (const std::string& line : split(errors, '\n')) {
        std::string_view rest = trimmed(line);
        if (const auto progress = rest.rfind('\r'); progress != std::string_view::npos) {
            rest.remove_prefix(progress + 1);
        }
        const bool of_slurm = rest.starts_with("srun: ") || rest.starts_with("salloc: ") ||
                              rest.starts_with("slurmstepd");
        const auto error = rest.find("error: ");
        if (!of_slurm || error == std::string_view::npos) continue;
        rest.remove_prefix(error + std::string_view("error: ").size());
        if (!text.empty()) text += '\n';
        text += rest;
    }
    return text;
}

}  // namespace amorsize::slurm
