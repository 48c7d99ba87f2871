#include "slurm/node_visit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "slurm/parse_records.hpp"
#include "slurm/sbatch_script.hpp"
#include "slurm/spelling.hpp"

namespace amorsize::slurm {

namespace {

using namespace std::string_view_literals;

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

std::string memory_option(const std::optional<Bytes>& of_node) {
    if (!of_node) return "--mem=0";
    return "--mem=" + memory(std::max<std::int64_t>(1, of_node->value / kMiB.value));
}

std::vector<std::string> allocation(const NodeVisit& visit, const Manifest& manifest,
                                    const NodeOffer& offer) {
    const int nodes = std::max(offer.nodes_least, static_cast<int>(visit.nodes.size()));
    // Where a node dies srun never ends, and salloc waits for it unless told to kill.
    std::vector<std::string> arguments{"salloc",
                                       fmt::format("--nodes={}", nodes),
                                       "--ntasks-per-node=1",
                                       "--exclusive",
                                       "--no-bell",
                                       "--kill-command",
                                       "--job-name=" + visit.name,
                                       "--time=" + time_limit(visit.time),
                                       memory_option(visit.memory)};
    if (!offer.partition.empty()) arguments.push_back("--partition=" + offer.partition);
    if (!visit.nodes.empty()) {
        arguments.push_back(fmt::format("--nodelist={}", fmt::join(visit.nodes, ",")));
    }
    const std::string constraint =
        manifest.limits.constraint.value_or(visit.nodes.empty() ? offer.constraint : std::string());
    if (!constraint.empty()) arguments.push_back("--constraint=" + constraint);
    if (manifest.limits.account) arguments.push_back("--account=" + *manifest.limits.account);
    if (manifest.limits.qos) arguments.push_back("--qos=" + *manifest.limits.qos);
    if (manifest.resources.gpus > 0 && offer.gpus > 0 && visit.nodes.size() <= 1) {
        arguments.push_back(fmt::format("--gpus-per-node={}", offer.gpus));
    }
    for (const auto& [option, value] : manifest.slurm) {
        const bool place = std::find(kPlaces.begin(), kPlaces.end(), option) != kPlaces.end();
        if (place && !value.empty()) arguments.push_back(fmt::format("--{}={}", option, value));
    }
    return arguments;
}

std::vector<std::string> step_arguments(const VisitStep& step) {
    std::vector<std::string> arguments;
    if (step.most.value > 0)
        arguments = {"timeout", "--kill-after=5", fmt::format("{:.0f}", step.most.value)};
    // Its progress arrives as it comes only unbuffered.
    append(arguments, {"srun", fmt::format("--nodes={}", step.nodes),
                       fmt::format("--ntasks={}", step.nodes), "--ntasks-per-node=1", "--overlap",
                       "--mem=0", "--cpu-bind=none", "--unbuffered", "--chdir=/"});
    if (!step.node.empty()) arguments.push_back("--nodelist=" + step.node);
    if (!step.mpi.empty()) arguments.push_back("--mpi=" + step.mpi);
    append(arguments, step.command);
    return arguments;
}

/// A line for whoever follows stderr, as the step's own progress.
std::string telling(const std::string& what) {
    return "printf '\\r\\033[K%s\\r' " + shell_quoted(what) + " >&2\n";
}

std::string script(const std::vector<VisitStep>& steps) {
    std::string lines;
    for (const VisitStep& step : steps) {
        if (!step.telling.empty()) lines += telling(step.telling);
        std::vector<std::string> words = step_arguments(step);
        for (std::string& word : words) word = shell_quoted(word);
        lines += fmt::format("{}\n", fmt::join(words, " "));
    }
    return lines;
}

}  // namespace

std::vector<std::string> visit_arguments(const NodeVisit& visit, const Manifest& manifest,
                                         const NodeOffer& offer) {
    std::vector<std::string> arguments;
    if (!visit.in_allocation) arguments = allocation(visit, manifest, offer);
    append(arguments, {"bash", "-c", script(visit.steps)});
    return arguments;
}

bool names_nodes(const Manifest& manifest) {
    return std::any_of(manifest.slurm.begin(), manifest.slurm.end(), [](const auto& entry) {
        return entry.first == "nodelist" || entry.first == "exclude" ||
               entry.first == "reservation";
    });
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
