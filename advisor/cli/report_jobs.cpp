#include "advisor/cli/report_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "advisor/core/error.hpp"
#include "slurm/sacct.hpp"
#include "slurm/spelling.hpp"

namespace amorsize::cli {

namespace {

using slurm::JobRecord;

constexpr double kMargin = 1.2;  // kept above a measured peak or run time in what is advised
constexpr double kLow = 0.7;     // below this share of a request, a smaller one is advised
constexpr double kLowCpu = 0.5;
constexpr Seconds kTooShort{60};  // Slurm samples memory every 30 s by default

double hours(Seconds time) {
    return time.value / 3600;
}

/// Busy CPU time over that granted.
std::optional<double> cpu_efficiency(const JobRecord& job) {
    const double granted = job.elapsed.value * job.cpus;
    if (!job.cpu_time || granted <= 0) return {};
    return job.cpu_time->value / granted;
}

std::optional<double> memory_efficiency(const JobRecord& job) {
    if (!job.peak_per_node || !job.requested_per_node) return {};
    return *job.peak_per_node / *job.requested_per_node;
}

double wasted_core_hours(const JobRecord& job) {
    const std::optional<double> busy = cpu_efficiency(job);
    return busy ? std::max(0.0, 1 - *busy) * job.cpus * hours(job.elapsed) : 0;
}

double wasted_gib_hours(const JobRecord& job) {
    if (!job.peak_per_node || !job.requested_per_node) return 0;
    const double spare = (*job.requested_per_node - *job.peak_per_node) / kGiB;
    return std::max(0.0, spare) * job.nodes * hours(job.elapsed);
}

std::string in_gib(const std::optional<Bytes>& size) {
    return size ? fmt::format("{:.2f} GiB", *size / kGiB) : "unknown";
}

/// One thing to change, or the word that nothing is.
struct Verdict {
    std::string text;
    std::string directive;  ///< empty: none
};

std::string memory_directive(Bytes size) {
    return "--mem=" + slurm::memory(slurm::mebibytes(size * kMargin));
}

void judge_memory(const JobRecord& job, std::vector<Verdict>& verdicts) {
    if (job.state == "OUT_OF_MEMORY") {
        const Bytes held = job.requested_per_node.value_or(Bytes{});
        const Bytes tried = std::max(held, job.peak_per_node.value_or(Bytes{}));
        verdicts.push_back(
            {fmt::format("it ran out of memory at {} a node; double it once, then look at its peak",
                         in_gib(tried)),
             tried.value > 0 ? "--mem=" + slurm::memory(slurm::mebibytes(tried * 2.0)) : ""});
        return;
    }
    const std::optional<double> used = memory_efficiency(job);
    if (!used) {
        verdicts.push_back(
            {"no peak memory was accounted, so nothing can be said about --mem", ""});
    } else if (*used > 1) {
        verdicts.push_back(
            {fmt::format("its tasks may have held more than was asked for, {} of {} a node",
                         in_gib(job.peak_per_node), in_gib(job.requested_per_node)),
             memory_directive(*job.peak_per_node)});
    } else if (*used < kLow && job.elapsed >= kTooShort) {
        verdicts.push_back(
            {fmt::format(
                 "it used at most {} of the {} asked for a node, {:.0f} %; the rest, {:.1f} "
                 "GiB h, nobody else could use",
                 in_gib(job.peak_per_node), in_gib(job.requested_per_node), 100 * *used,
                 wasted_gib_hours(job)),
             memory_directive(*job.peak_per_node)});
    }
}

void judge_time(const JobRecord& job, std::vector<Verdict>& verdicts) {
    if (job.state == "TIMEOUT" && job.time_limit) {
        verdicts.push_back({"it was ended by its time limit; memory was not the matter",
                            "--time=" + slurm::time_limit(*job.time_limit * 2.0)});
    } else if (job.succeeded() && job.time_limit && job.elapsed < *job.time_limit * (1 - kLow) &&
               job.elapsed >= kTooShort) {
        verdicts.push_back(
            {fmt::format("it ran for {:.0f} % of its time limit; a shorter one starts sooner",
                         100 * (job.elapsed / *job.time_limit)),
             "--time=" + slurm::time_limit(job.elapsed * kMargin)});
    }
}

void judge_cpus(const JobRecord& job, std::vector<Verdict>& verdicts) {
    const std::optional<double> busy = cpu_efficiency(job);
    if (!busy || *busy >= kLowCpu || job.cpus < 2 || job.elapsed < kTooShort) return;
    const int used = std::max(1, static_cast<int>(std::ceil(*busy * job.cpus)));
    verdicts.push_back({fmt::format("{} CPUs were granted and as much as {} did was done, {:.0f} %",
                                    job.cpus, used, 100 * *busy),
                        job.nodes == 1 ? fmt::format("--cpus-per-task={}", used) : ""});
}

std::vector<Verdict> judge(const JobRecord& job) {
    std::vector<Verdict> verdicts;
    if (!job.ended()) return {{"it has not ended; figures so far", ""}};
    judge_memory(job, verdicts);
    judge_time(job, verdicts);
    judge_cpus(job, verdicts);
    if (verdicts.empty()) verdicts.push_back({"what was asked for fits what was used", ""});
    return verdicts;
}

std::string one_as_text(const JobRecord& job) {
    std::string text = fmt::format("{} {}: {}, {} nodes, {} CPUs\n\n", job.id, job.name, job.state,
                                   job.nodes, job.cpus);
    const auto row = [&](const char* what, const std::string& asked, const std::string& measured) {
        text += fmt::format("  {:<16} {:>14} {:>14}\n", what, asked, measured);
    };
    const std::optional<double> busy = cpu_efficiency(job);
    row("", "asked", "measured");
    row("time", job.time_limit ? slurm::time_limit(*job.time_limit) : "no limit",
        fmt::format("{:.0f} s", job.elapsed.value));
    row("memory a node", in_gib(job.requested_per_node), in_gib(job.peak_per_node));
    row("CPUs busy", fmt::format("{}", job.cpus),
        busy ? fmt::format("{:.1f}", *busy * job.cpus) : "unknown");
    text += "\n";
    for (const Verdict& verdict : judge(job)) {
        text += "  " + verdict.text + "\n";
        if (!verdict.directive.empty()) text += "    #SBATCH " + verdict.directive + "\n";
    }
    return text;
}

nlohmann::ordered_json as_json(const JobRecord& job) {
    nlohmann::ordered_json json{{"job", job.id},      {"name", job.name},
                                {"user", job.user},   {"partition", job.partition},
                                {"state", job.state}, {"nodes", job.nodes},
                                {"cpus", job.cpus},   {"elapsed_seconds", job.elapsed.value}};
    const auto set = [&](const char* key, std::optional<double> value) {
        json[key] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
    };
    const auto bytes = [&](const char* key, const std::optional<Bytes>& size) {
        json[key] = size ? nlohmann::ordered_json(size->value) : nlohmann::ordered_json();
    };
    set("time_limit_seconds", job.time_limit ? std::optional(job.time_limit->value) : std::nullopt);
    bytes("requested_bytes_per_node", job.requested_per_node);
    bytes("peak_bytes_per_node", job.peak_per_node);
    set("cpu_efficiency", cpu_efficiency(job));
    set("memory_efficiency", memory_efficiency(job));
    json["wasted_core_hours"] = wasted_core_hours(job);
    json["wasted_gib_hours"] = wasted_gib_hours(job);
    json["verdicts"] = nlohmann::ordered_json::array();
    for (const Verdict& verdict : judge(job)) {
        json["verdicts"].push_back({{"text", verdict.text}, {"directive", verdict.directive}});
    }
    return json;
}

std::string percent(const std::optional<double>& share) {
    return share ? fmt::format("{:.0f} %", 100 * *share) : "-";
}

std::string many_as_text(const std::vector<JobRecord>& jobs) {
    std::string text =
        fmt::format("{:<14} {:<16} {:<10} {:<14} {:>10} {:>7} {:>7} {:>12} {:>12}\n", "job", "name",
                    "user", "state", "elapsed s", "CPU", "memory", "core h lost", "GiB h lost");
    double cores = 0;
    double memory = 0;
    for (const JobRecord& job : jobs) {
        text += fmt::format(
            "{:<14} {:<16.16} {:<10.10} {:<14.14} {:>10.0f} {:>7} {:>7} {:>12.1f} {:>12.1f}\n",
            job.id, job.name, job.user, job.state, job.elapsed.value, percent(cpu_efficiency(job)),
            percent(memory_efficiency(job)), wasted_core_hours(job), wasted_gib_hours(job));
        cores += wasted_core_hours(job);
        memory += wasted_gib_hours(job);
    }
    return text +
           fmt::format("\n{} jobs; asked for and not used: {:.1f} core hours, {:.1f} GiB hours\n",
                       jobs.size(), cores, memory);
}

std::vector<std::string> sacct_command(const JobsOptions& options) {
    std::vector<std::string> argv{"sacct", "--parsable2", "--duplicates",
                                  "--format=" + std::string(slurm::kSacctFields)};
    if (!options.job.empty()) argv.push_back("--jobs=" + options.job);
    if (!options.since.empty()) argv.push_back("--starttime=" + options.since);
    if (!options.user.empty()) argv.push_back("--user=" + options.user);
    if (!options.partition.empty()) argv.push_back("--partition=" + options.partition);
    if (options.job.empty() && options.user.empty()) argv.push_back("--allusers");
    return argv;
}

std::vector<JobRecord> ask_sacct(const JobsOptions& options, const CommandPort& run) {
    const CommandResult answer = run(sacct_command(options), Seconds{60});
    if (answer.status != 0 || answer.timed_out) {
        throw Error(ExitCode::environment,
                    answer.timed_out
                        ? "sacct did not answer within 60 s"
                        : fmt::format("sacct failed ({}): {}", answer.status, answer.err),
                    "job reports need Slurm's accounting; a trace from elsewhere: --backtest FILE");
    }
    std::vector<JobRecord> jobs = slurm::parse_sacct(answer.out, "sacct");
    if (jobs.empty()) {
        throw Error(ExitCode::environment,
                    options.job.empty() ? "accounting knows no such jobs"
                                        : fmt::format("accounting knows no job {}", options.job),
                    "sacct shows only your own jobs, and today's unless --since says more");
    }
    return jobs;
}

}  // namespace

std::string jobs_report(const JobsOptions& options, const CommandPort& run) {
    const std::vector<JobRecord> jobs = ask_sacct(options, run);
    if (options.json) {
        nlohmann::ordered_json json{{"jobs", nlohmann::ordered_json::array()}};
        for (const JobRecord& job : jobs) json["jobs"].push_back(as_json(job));
        return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    if (options.job.empty() || jobs.size() > 3) return many_as_text(jobs);
    std::string text;
    for (const JobRecord& job : jobs) text += (text.empty() ? "" : "\n") + one_as_text(job);
    return text;
}

}  // namespace amorsize::cli
