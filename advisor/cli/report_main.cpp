#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "advisor/cli/program.hpp"
#include "advisor/cli/report_backtest.hpp"
#include "advisor/cli/report_history.hpp"
#include "advisor/cli/report_jobs.hpp"
#include "advisor/cli/report_run.hpp"
#include "advisor/core/error.hpp"
#include "advisor/io/history_place.hpp"
#include "advisor/measure/process_start.hpp"
#include "advisor/measure/run_command.hpp"

namespace {

using namespace amorsize;

struct Options {
    std::string target;  ///< a job's id or a plan
    std::string format = "text";
    std::string history;  ///< show, export or clear; empty: not asked
    std::string history_file;
    cli::BacktestOptions backtest;
    cli::JobsOptions jobs;
};

/// "128GB" (decimal), "128GiB" and, as Slurm writes it, "128G" (both binary), or plain bytes.
Bytes parse_size(const std::string& text) {
    std::size_t end = 0;
    double count = 0;
    try {
        count = std::stod(text, &end);
    } catch (const std::exception&) {
        end = 0;
    }
    const std::string unit = text.substr(end);
    const std::size_t power = unit.empty() ? 0 : std::string("BKMGTP").find(unit.front());
    const std::string rest = unit.empty() ? "" : unit.substr(1);
    const bool known = power != std::string::npos &&
                       (rest.empty() || (power > 0 && (rest == "B" || rest == "iB")));
    double bytes = count;
    for (std::size_t i = 0; known && i < power; ++i) bytes *= rest == "B" ? 1000.0 : 1024.0;
    if (end == 0 || !known || !(bytes >= 1) || bytes > 4e18) {
        throw Error(ExitCode::usage, fmt::format("--node-memory: \"{}\" is not a size", text),
                    "for example 128GB (10^9), 128GiB (2^30) or 137438953472");
    }
    return {static_cast<std::int64_t>(bytes)};
}

bool is_job_id(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789_+.") == std::string::npos &&
           !std::filesystem::exists(text);
}

std::optional<std::string> look_up(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

/// Says where the jobs of the user who asks are kept.
void keep_usage(cli::JobsOptions& jobs) {
    jobs.remember_in = used_before_path(look_up);
    const passwd* user = ::getpwuid(::geteuid());
    if (user != nullptr) jobs.caller = user->pw_name;
    if (jobs.remember_in.empty() || jobs.caller.empty())
        throw Error(
            ExitCode::environment, "--remember: no place of yours to keep anything in",
            "it goes beside the history: AMORSIZE_HISTORY, XDG_STATE_HOME and HOME name none");
}

std::string history_of(const Options& options) {
    if (options.history_file.empty()) {
        throw Error(ExitCode::environment,
                    "no history: none of AMORSIZE_HISTORY, XDG_STATE_HOME and HOME names a place",
                    "name the file with --history-file FILE");
    }
    return cli::history_report(options.history, options.history_file, options.format == "json");
}

std::string report(const Options& options) {
    if (!options.backtest.trace.empty()) return cli::backtest_report(options.backtest);
    if (!options.history.empty()) return history_of(options);
    if (options.target.empty() || is_job_id(options.target)) {
        return cli::jobs_report(options.jobs, measure::run_command);
    }
    return cli::last_run_report(options.target, options.format == "json", measure::run_command);
}

int run_report(int argc, char** argv) {
    CLI::App app{
        "What was asked for against what was measured: a job's, many jobs', or a whole trace's.",
        "amorsize-report"};
    Options options;
    std::string node_memory = "512GiB";
    app.set_version_flag("--version", "amorsize-report " AMORSIZE_VERSION);
    app.add_option("JOB", options.target,
                   "Job as sacct knows it (123, 123_4, 123+1), or NAME.plan.yaml: its last run");
    app.add_option("--format", options.format, "text or json")
        ->check(CLI::IsMember({"text", "json"}));
    app.add_option("--plan", options.jobs.plan,
                   "The job's plan, if it is not NAME.plan.yaml where the job was submitted");
    app.add_option("--since", options.jobs.since,
                   "Jobs from then on, as sacct takes it (2026-11-01, now-7days)");
    app.add_option("--user", options.jobs.user, "Jobs of this user");
    app.add_option("--partition", options.jobs.partition, "Jobs of this partition");
    bool remember = false;
    app.add_flag("--remember", remember,
                 "Keep what your jobs took, so that the site's cli_filter can compare later "
                 "requests of the same name with it");
    auto* trace = app.add_option(
        "--backtest", options.backtest.trace,
        "Replay a trace: CSV (group,input_bytes,peak_rss_bytes,seconds,requested_bytes), "
        "Nextflow's, or sacct --parsable2");
    app.add_option("--node-memory", node_memory,
                   "No request above this: 128GB (10^9), 128GiB (2^30)")
        ->needs(trace)
        ->capture_default_str();
    app.add_option("--rows", options.backtest.rows_file,
                   "Write row,request for each task, in bytes; rows count from 1, retries are "
                   "joined by ';'")
        ->needs(trace);
    auto* history =
        app.add_option("--history", options.history,
                       "Finished runs kept for later advice: show, export (CSV) or clear")
            ->check(CLI::IsMember({"show", "export", "clear"}));
    options.history_file = history_path(look_up);
    app.add_option("--history-file", options.history_file,
                   "Where they are kept, if not in $AMORSIZE_HISTORY or "
                   "~/.local/state/amorsize/history.sqlite")
        ->needs(history);
    app.add_option(
           "--kill-price", options.backtest.policy.kill_price,
           "What one kill costs beside the memory it wastes, in times what a task uses on average")
        ->needs(trace)
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    options.backtest.policy.node_memory = parse_size(node_memory);
    options.backtest.json = options.jobs.json = options.format == "json";
    options.jobs.job = options.target;
    if (remember) keep_usage(options.jobs);
    if (options.target.empty() && options.backtest.trace.empty() && options.history.empty() &&
        options.jobs.since.empty() && options.jobs.user.empty() && options.jobs.partition.empty()) {
        throw Error(ExitCode::usage, "nothing to report on",
                    "amorsize-report JOBID, or NAME.plan.yaml, or --since DAY, --user NAME, "
                    "--partition NAME, or "
                    "--backtest FILE");
    }
    fmt::print("{}", report(options));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    amorsize::measure::prepare_process();
    ::setenv("SLURM_TIME_FORMAT", "standard", 1);  // sacct's times are compared as it writes them
    return amorsize::cli::run_program("amorsize-report", [&] { return run_report(argc, argv); });
}
