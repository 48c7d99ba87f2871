#include "slurm/sbatch_script.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/error.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/pmix.hpp"
#include "advisor/core/text.hpp"
#include "slurm/spelling.hpp"

namespace amorsize::slurm {

namespace {

constexpr const char* kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";

// sbatch hands on the environment of a shell that may itself run in a job. srun refuses two kinds
// of memory request at once, and takes the others for options of ours.
constexpr const char* kForget =
    "unset SRUN_CPUS_PER_TASK SLURM_MEM_PER_CPU SLURM_MEM_PER_GPU SLURM_CPU_BIND  # of the "
    "submitting shell's own job\n";

constexpr std::size_t kCommentColumn = 24;

bool is_plain(const std::string& word) {
    return !word.empty() && word.find_first_not_of(kPlain) == std::string::npos;
}

/// A comment stays a comment: names from a cluster profile may hold anything.
std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }, ' ');
    return text;
}

/// A value on a #SBATCH line: sbatch splits at blanks, ends at '#', and knows double quotes and
/// backslashes.
std::string directive_quoted(const std::string& value) {
    if (is_plain(value)) return value;
    if (value.find_first_of("\n\r") != std::string::npos) {
        throw Error(ExitCode::bad_input,
                    fmt::format("a directive cannot hold a line break: {}", one_line(value)),
                    "rename the folder, partition or feature");
    }
    std::string quoted = "\"";
    for (const char character : value) {
        if (character == '"' || character == '\\') quoted += '\\';
        quoted += character;
    }
    return quoted + '"';
}

/// The first reason with one of these codes; a memory ceiling above the workers planned explains
/// nothing.
std::string because(const Advice& advice, std::initializer_list<const char*> codes) {
    for (const char* wanted : codes) {
        for (const Reason& reason : advice.reasons) {
            const auto* ceiling = std::get_if<reason::MemoryCeiling>(&reason);
            if (code(reason) == wanted && (ceiling == nullptr || ceiling->binding))
                return text(reason);
        }
    }
    return {};
}

/// amorsize-run chooses PMIx's store for itself; another program has it from the script.
bool starts_by_pmix(const std::vector<std::string>& launch) {
    return launch.front() == "srun" &&
           std::find(launch.begin(), launch.end(), "--mpi=pmix") != launch.end();
}

void add_resources(const Manifest& manifest, const Advice& advice, std::vector<Directive>& lines) {
    const Request& request = advice.plan->request;
    const auto add = [&](std::string option, std::string why) {
        lines.push_back({std::move(option), std::move(why)});
    };
    add(fmt::format("--nodes={}", request.nodes),
        because(advice, {"job_array", "node_limit", "nodes_of_program", "nodes_pay_off",
                         "more_nodes_not_worth_it", "parallel_too_dear"}));
    add(fmt::format("--ntasks={}", request.ntasks), counted(request.ntasks, "rank") + " in all");
    add(fmt::format("--ntasks-per-node={}", request.ntasks_per_node),
        because(advice, {"ranks_follow_domains", "one_rank_per_node", "ranks_of_program"}));
    const std::string workers =
        because(advice, {"items_wait", "fewer_workers_are_enough", "fewer_items_than_workers",
                         "memory_ceiling", "gpus_limit", "second_thread_pays",
                         "one_worker_per_core", "nothing_to_split", "parallel_too_dear"});
    add(fmt::format("--cpus-per-task={}", request.cpus_per_task),
        !workers.empty() ? workers
        : manifest.kind == JobKind::mpi
            ? counted(request.cpus_per_task, "thread") + " a rank, as resources.threads says"
            : counted(advice.plan->layout.workers_per_rank, "worker") + " a rank");
    if (request.threads_per_core > 0) {
        add(fmt::format("--threads-per-core={}", request.threads_per_core),
            because(advice, {"second_thread_pays", "second_thread_rejected"}));
    }
    if (request.gpus_per_task > 0) {
        add(fmt::format("--gpus-per-task={}", request.gpus_per_task),
            fmt::format(
                "{} for each worker",
                counted(request.gpus_per_task / std::max(1, advice.plan->layout.workers_per_rank),
                        "GPU")));
    }
    add(fmt::format("--mem={}", memory(request.mem_mib_per_node)),
        because(advice, {"memory_rounded_to_share", "memory_in_common", "memory_from_samples",
                         "memory_grown", "memory_of_rank", "memory_given", "memory_unknown"}));
    add(fmt::format("--time={}", time_limit(request.time_limit)),
        because(advice, {"time_limit_from_prediction", "time_grown", "time_unknown"}));
    if (request.pieces) {
        add(fmt::format("--array=1-{}%1", request.pieces->most),
            because(advice, {"split_into_pieces"}));
    }
    if (request.array) {
        add(fmt::format("--array=0-{}%{}", request.array->elements - 1, request.array->at_once),
            because(advice, {"job_array"}));
    }
    if (request.whole_node) add("--exclusive", "the partition grants whole nodes");
    if (!request.partition.empty()) add("--partition=" + directive_quoted(request.partition), "");
    if (!request.constraint.empty()) {
        add("--constraint=" + directive_quoted(request.constraint),
            because(advice, {"class_chosen"}));
    }
}

/// Runs until the piece is over; another one is of use only where items are missing that it can
/// run.
std::string run_of_piece(const std::string& command, const Pieces& pieces) {
    const auto whole = [](Seconds time) { return static_cast<std::int64_t>(time.value); };
    const std::int64_t stop_after = whole(pieces.stop_after);
    return fmt::format(
        "{} --grace {} --stop-after \"$((SECONDS < {} ? {} - SECONDS : 1))\"\n"
        "status=$?\n"
        "case $status in\n"
        "    7) [ \"$SLURM_ARRAY_TASK_ID\" -ge {} ] || status=0 ;;  # stopped in time; the next "
        "piece goes on\n"
        "    5 | 1[2-9][0-9]) ;;  # a node, the disk or a signal: the next piece goes on\n"
        "    *) scancel --state=PENDING \"$SLURM_ARRAY_JOB_ID\" ;;  # nothing is left for another "
        "piece\n"
        "esac\n"
        "exit \"$status\"\n",
        command, whole(pieces.grace), stop_after, stop_after, pieces.most);
}

}  // namespace

std::vector<Directive> directives(const Manifest& manifest, const Advice& advice) {
    std::vector<Directive> lines{
        {"--job-name=" + directive_quoted(manifest.name), ""},
        {"--chdir=" + directive_quoted(manifest.directory), "where the manifest lies"}};
    add_resources(manifest, advice, lines);
    if (manifest.limits.account)
        lines.push_back({"--account=" + directive_quoted(*manifest.limits.account), ""});
    if (manifest.limits.qos)
        lines.push_back({"--qos=" + directive_quoted(*manifest.limits.qos), ""});
    for (const auto& [option, value] : manifest.slurm) {
        lines.push_back(
            {value.empty() ? "--" + option : "--" + option + "=" + directive_quoted(value), ""});
    }
    return lines;
}

std::string shell_quoted(const std::string& word) {
    if (is_plain(word)) return word;
    std::string quoted = "'";
    for (const char character : word) {
        if (character == '\'')
            quoted += "'\\''";
        else
            quoted += character;
    }
    return quoted + "'";
}

std::string sbatch_script(const Manifest& manifest, const Advice& advice,
                          const std::vector<std::string>& launch, const std::string& plan_path) {
    std::string script = "#!/bin/bash\n";
    for (const Directive& line : directives(manifest, advice)) {
        script += line.why.empty() ? fmt::format("#SBATCH {}\n", line.option)
                                   : fmt::format("#SBATCH {:<{}}  # {}\n", line.option,
                                                 kCommentColumn, one_line(line.why));
    }
    script += "\n";
    if (launch.front() == "srun" || launch.front() == "mpirun") script += kForget;
    if (manifest.kind == JobKind::mpi && starts_by_pmix(launch)) {
        script +=
            fmt::format("export {0}=\"${{{0}:-{1}}}\"  # PMIx 4.2's default crashes some starts\n",
                        kPmixStoreVariable, kSafePmixStore);
    }
    for (const auto& [name, value] : manifest.environment) {
        script += fmt::format("export {}={}\n", name, shell_quoted(value));
    }
    script += fmt::format("export AMORSIZE_PLAN={}\n", shell_quoted(plan_path));
    for (const std::string& line : manifest.prelude) script += line + "\n";
    std::string command;
    for (const std::string& word : launch)
        command += (command.empty() ? "" : " ") + shell_quoted(word);
    if (advice.plan->request.array) command += " --element \"$SLURM_ARRAY_TASK_ID\"";
    const std::optional<Pieces>& pieces = advice.plan->request.pieces;
    return script + (pieces ? run_of_piece(command, *pieces) : "exec " + command + "\n");
}

}  // namespace amorsize::slurm
