#include "advisor/cli/report_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "advisor/cli/report_plan.hpp"
#include "advisor/core/error.hpp"
#include "advisor/core/job_array.hpp"
#include "advisor/core/text.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/read_file.hpp"
#include "advisor/io/run_report_json.hpp"
#include "slurm/parse_records.hpp"
#include "slurm/parse_values.hpp"
#include "slurm/sacct.hpp"
#include "slurm/used_before.hpp"

namespace amorsize::cli {

namespace {

using slurm::JobRecord;

using Json = nlohmann::ordered_json;

constexpr std::size_t kLargestMemory = 1 << 20;  // 500 jobs take a twentieth

/// A job, each run of a requeued one, or an array's elements, which share one request.
using Elements = std::vector<JobRecord>;

std::string size_text(const std::optional<Bytes>& size) {
    return size ? to_text(*size) : "unknown";
}

std::string percent(const std::optional<double>& share) {
    return share ? fmt::format("{:.0f} %", 100 * *share) : "-";
}

std::string title(const Elements& elements) {
    const JobRecord& job = elements.front();
    std::map<std::string, int> states;
    for (const JobRecord& element : elements) ++states[element.state];
    std::string ends;
    for (const auto& [state, count] : states) {
        ends += ends.empty() ? "" : ", ";
        ends += elements.size() == 1 ? state : fmt::format("{} {}", count, state);
    }
    const std::string id =
        elements.size() == 1
            ? job.id
            : fmt::format("{} ({} elements)", job.id.substr(0, job.id.find('_')), elements.size());
    return fmt::format("{} {}: {}, {}, {}{}\n\n", id, printable(job.name), ends,
                       counted(job.nodes, "node"), counted(job.cpus, "CPU"),
                       elements.size() == 1 ? "" : " each");
}

/// The largest of the elements that know it.
template <class T>
std::optional<T> most(const Elements& elements, std::optional<T> JobRecord::*member) {
    std::optional<T> found;
    for (const JobRecord& element : elements) found = std::max(found, element.*member);
    return found;
}

std::optional<Prediction> prediction(const Evidence& evidence) {
    if (evidence.run) return evidence.run->predicted;
    if (!evidence.plan) return std::nullopt;
    const Plan& plan = evidence.plan->plan;
    return plan.request.array ? predicted_of_element(plan) : plan.predicted;
}

std::string figures(const Elements& elements, const Evidence& evidence) {
    std::string text;
    const auto row = [&](const char* what, const std::string& asked, const std::string& predicted,
                         const std::string& measured) {
        text += fmt::format("  {:<14} {:>14} {:>14} {:>14}\n", what, asked, predicted, measured);
    };
    const JobRecord& job = elements.front();
    const std::optional<Prediction> predicted = prediction(evidence);
    const bool timed = predicted && predicted->item_times;
    Seconds longest;
    for (const JobRecord& element : elements) longest = std::max(longest, element.elapsed);
    std::optional<Bytes> peak = most(elements, &JobRecord::peak_per_node);
    if (evidence.run) {
        const Bytes own = run::memory_of_fullest_node(*evidence.run);
        if (own.value > 0) peak = std::max(own, peak.value_or(Bytes{}));
    }
    row("", "asked", "predicted", elements.size() == 1 ? "measured" : "at most");
    row("time", job.time_limit ? to_text(*job.time_limit) : "no limit",
        timed ? to_text(predicted->wall.p50) : "-", to_text(longest));
    row("memory a node", size_text(most(elements, &JobRecord::requested_per_node)),
        predicted ? to_text(predicted->memory_per_node) : "-", size_text(peak));
    const std::optional<double> busy = cpu_efficiency(job);
    const bool cores_known = timed && predicted->busy && predicted->wall.p50.value > 0;
    row("CPUs busy", fmt::format("{}", job.cpus),
        cores_known ? to_text(predicted->busy->value * predicted->core_hours * 3600 /
                              predicted->wall.p50.value)
                    : "-",
        busy ? to_text(*busy * job.cpus) : "unknown");
    if (evidence.run && !evidence.run->ranks.empty()) {
        const run::RunReport& run = *evidence.run;
        row("workers", "-",
            evidence.plan ? fmt::format("{}", evidence.plan->plan.layout.workers) : "-",
            fmt::format("{}", run::sum(run, &run::RankFigures::workers)));
        row("balance", "-", "-", to_text(Fraction{run::balance(run)}));
    } else if (job.task_balance) {
        row("balance", "-", "-", to_text(*job.task_balance));
    }
    return text;
}

std::string as_text(const Elements& elements, const PlanOfJob& plan) {
    std::string text = title(elements) + figures(elements, plan.evidence) + "\n";
    for (const Verdict& verdict : judge(elements, plan.evidence)) {
        text += "  " + sentence(verdict) + "\n";
    }
    if (!plan.path.empty()) text += "  plan: " + plan.path + "\n";
    if (!plan.note.empty()) text += "  note: " + plan.note + "\n";
    return text;
}

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(value->value) : Json();
}

Json or_null(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

Json as_json(const JobRecord& job) {
    return {{"job", job.id},
            {"name", job.name},
            {"user", job.user},
            {"partition", job.partition},
            {"state", job.state},
            {"nodes", job.nodes},
            {"cpus", job.cpus},
            {"tasks", job.tasks},
            {"elapsed_seconds", job.elapsed.value},
            {"time_limit_seconds", or_null(job.time_limit)},
            {"requested_bytes_per_node", or_null(job.requested_per_node)},
            {"peak_bytes_per_node", or_null(job.peak_per_node)},
            {"cpu_efficiency", or_null(cpu_efficiency(job))},
            {"memory_efficiency", or_null(memory_efficiency(job))},
            {"task_balance", or_null(job.task_balance)},
            {"wasted_core_hours", wasted_core_hours(job)},
            {"wasted_gib_hours", wasted_gib_hours(job)}};
}

Json as_json(const Prediction& predicted) {
    return {{"wall_seconds", predicted.item_times ? Json(predicted.wall.p50.value) : Json()},
            {"memory_per_node_bytes", predicted.memory_per_node.value}};
}

Json as_json(const std::vector<Verdict>& verdicts) {
    Json list = Json::array();
    for (const Verdict& verdict : verdicts) {
        list.push_back({{"subject", verdict.subject},
                        {"observation", verdict.observation},
                        {"consequence", verdict.consequence},
                        {"directive", verdict.directive},
                        {"reason", verdict.reason},
                        {"text", sentence(verdict)}});
    }
    return list;
}

/// An array's verdicts are of all its elements and stand with each.
void add_json(Json& list, const Elements& elements, const PlanOfJob& plan) {
    const Json verdicts = as_json(judge(elements, plan.evidence));
    const std::optional<Prediction> predicted = prediction(plan.evidence);
    for (const JobRecord& job : elements) {
        Json json = as_json(job);
        json["plan"] = plan.path.empty() ? Json() : Json(plan.path);
        json["predicted"] = predicted ? as_json(*predicted) : Json();
        json["run"] = plan.evidence.run ? Json::parse(run::to_json(*plan.evidence.run)) : Json();
        json["note"] = plan.note;
        json["verdicts"] = verdicts;
        list.push_back(std::move(json));
    }
}

struct Waste {
    double core_hours = 0;
    double gib_hours = 0;
    int going_on = 0;
    int unknown = 0;  ///< ended, and their peak or CPU time was not accounted
};

Waste waste_of(const std::vector<JobRecord>& jobs) {
    Waste waste;
    for (const JobRecord& job : jobs) {
        waste.core_hours += wasted_core_hours(job);
        waste.gib_hours += wasted_gib_hours(job);
        if (!job.ended()) {
            ++waste.going_on;
        } else if (!cpu_efficiency(job) || !memory_efficiency(job)) {
            ++waste.unknown;
        }
    }
    return waste;
}

/// By what a job has of all that was lost, core hours and GiB hours weighing the same.
void sort_worst_first(std::vector<JobRecord>& jobs) {
    const Waste all = waste_of(jobs);
    const auto share = [&](const JobRecord& job) {
        return (all.core_hours > 0 ? wasted_core_hours(job) / all.core_hours : 0) +
               (all.gib_hours > 0 ? wasted_gib_hours(job) / all.gib_hours : 0);
    };
    std::stable_sort(jobs.begin(), jobs.end(), [&](const JobRecord& left, const JobRecord& right) {
        return share(left) > share(right);
    });
}

std::string many_as_text(const std::vector<JobRecord>& jobs) {
    std::string text =
        fmt::format("{:<14} {:<16} {:<10} {:<14} {:>10} {:>7} {:>7} {:>12} {:>12}\n", "job", "name",
                    "user", "state", "elapsed s", "CPU", "memory", "core h lost", "GiB h lost");
    for (const JobRecord& job : jobs) {
        text += fmt::format(
            "{:<14} {:<16.16} {:<10.10} {:<14.14} {:>10.0f} {:>7} {:>7} {:>12} {:>12}\n", job.id,
            printable(job.name), job.user, job.state, job.elapsed.value,
            percent(cpu_efficiency(job)), percent(memory_efficiency(job)),
            to_text(wasted_core_hours(job)), to_text(wasted_gib_hours(job)));
    }
    const Waste waste = waste_of(jobs);
    text += fmt::format("\n{}; asked for and not used: {}, {} GiB hours\n",
                        counted(static_cast<std::int64_t>(jobs.size()), "job"),
                        core_hours_text(waste.core_hours), to_text(waste.gib_hours));
    if (waste.going_on > 0) text += fmt::format("not ended, not counted: {}\n", waste.going_on);
    if (waste.unknown > 0) {
        text += fmt::format("without accounted memory or CPU time: {}\n", waste.unknown);
    }
    return text;
}

std::string many_as_json(const std::vector<JobRecord>& jobs) {
    const Waste waste = waste_of(jobs);
    Json json{{"jobs", Json::array()}};
    for (const JobRecord& job : jobs) add_json(json["jobs"], {job}, {});
    json["total"] = {{"jobs", jobs.size()},
                     {"wasted_core_hours", waste.core_hours},
                     {"wasted_gib_hours", waste.gib_hours},
                     {"not_ended", waste.going_on},
                     {"not_accounted", waste.unknown}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
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

[[noreturn]] void sacct_failed(const CommandResult& answer) {
    if (answer.timed_out) {
        throw Error(ExitCode::environment, "sacct did not answer within 60 s",
                    "is slurmdbd up? a trace from elsewhere: --backtest FILE");
    }
    const std::string said = answer.err.substr(0, answer.err.find_last_not_of(" \n") + 1);
    const char* hint =
        said.find("Invalid time") != std::string::npos
            ? "--since takes sacct's times: now-7days, 2026-11-01, 2026-11-01T08:30"
        : said.find("Invalid user") != std::string::npos
            ? "--user takes a name or a number that this machine knows"
            : "job reports need Slurm's accounting; a trace from elsewhere: --backtest FILE";
    throw Error(ExitCode::environment, fmt::format("sacct failed ({}): {}", answer.status, said),
                hint);
}

/// Where nothing was found: what was looked for.
std::string sought(const JobsOptions& options) {
    if (!options.job.empty()) return "no job " + options.job;
    std::string text = "no job";
    if (!options.user.empty()) text += " of user " + options.user;
    if (!options.partition.empty()) text += " in partition " + options.partition;
    return text + " since " + (options.since.empty() ? "midnight" : options.since);
}

std::vector<JobRecord> ask_sacct(const JobsOptions& options, const CommandPort& run) {
    const CommandResult answer = run(sacct_command(options), Seconds{60});
    if (answer.status != 0 || answer.timed_out) sacct_failed(answer);
    std::vector<JobRecord> jobs = slurm::parse_sacct(answer.out, "sacct");
    if (jobs.empty()) {
        throw Error(ExitCode::environment, "accounting knows " + sought(options),
                    "sacct may show only your own jobs, and today's unless --since says more");
    }
    return jobs;
}

/// How often Slurm looks at a job's memory; its default where it does not say.
Seconds sampling_interval(const CommandPort& run) {
    const CommandResult answer = run({"scontrol", "show", "config"}, Seconds{10});
    constexpr Seconds kDefault{30};
    if (answer.status != 0) return kDefault;
    std::string frequency = slurm::field(slurm::parse_config(answer.out), "JobAcctGatherFrequency");
    if (frequency.starts_with("task=")) frequency = frequency.substr(5, frequency.find(',') - 5);
    const auto seconds = slurm::parse_count(frequency);
    return seconds && *seconds > 0 ? Seconds{static_cast<double>(*seconds)} : kDefault;
}

/// The elements of an array together, anything else by itself.
std::vector<Elements> grouped(const std::vector<JobRecord>& jobs) {
    std::vector<Elements> groups;
    const auto array = [](const JobRecord& job) { return job.id.substr(0, job.id.find('_')); };
    for (const JobRecord& job : jobs) {
        const bool element = job.id.find('_') != std::string::npos;
        if (element && !groups.empty() && array(groups.back().front()) == array(job)) {
            groups.back().push_back(job);
        } else {
            groups.push_back({job});
        }
    }
    return groups;
}

/// The report beside the plan is of a requeued job's last start alone.
void leave_run_to_last_start(PlanOfJob& plan) {
    if (!plan.evidence.run) return;
    plan.evidence.run.reset();
    plan.note = "the run's report is of the job's last start";
}

void remember(const std::vector<JobRecord>& jobs, const JobsOptions& options) {
    namespace fs = std::filesystem;
    std::vector<slurm::UsedBefore> own;
    for (const JobRecord& job : jobs) {
        const auto used = job.user == options.caller ? slurm::used_by(job) : std::nullopt;
        if (used) own.push_back(*used);
    }
    std::vector<slurm::UsedBefore> known;
    if (fs::exists(options.remember_in))
        known = slurm::parse_used_before(
            read_text_file(options.remember_in, "what earlier jobs took", kLargestMemory));
    std::error_code unmade;
    fs::create_directories(fs::path(options.remember_in).parent_path(), unmade);
    write_file_atomically(options.remember_in,
                          slurm::to_text(slurm::remembered(std::move(known), own)));
}

}  // namespace

std::string jobs_report(const JobsOptions& options, const CommandPort& run) {
    std::vector<JobRecord> jobs = ask_sacct(options, run);
    if (!options.remember_in.empty()) remember(jobs, options);
    if (options.job.empty()) {
        sort_worst_first(jobs);
        return options.json ? many_as_json(jobs) : many_as_text(jobs);
    }
    const Seconds sampling = sampling_interval(run);
    std::string text;
    Json json{{"jobs", Json::array()}};
    const std::vector<Elements> groups = grouped(jobs);
    for (auto group = groups.begin(); group != groups.end(); ++group) {
        const Elements& elements = *group;
        PlanOfJob plan = plan_of_job(elements.front(), options.plan, run);
        const bool started_again = std::any_of(group + 1, groups.end(), [&](const Elements& later) {
            return later.front().id == elements.front().id;
        });
        if (started_again) leave_run_to_last_start(plan);
        plan.evidence.sampling = sampling;
        text += (text.empty() ? "" : "\n") + as_text(elements, plan);
        add_json(json["jobs"], elements, plan);
    }
    return options.json ? json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : text;
}

}  // namespace amorsize::cli
