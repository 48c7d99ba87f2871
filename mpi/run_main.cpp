#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include "advisor/core/error.hpp"
#include "advisor/io/history_place.hpp"
#include "advisor/io/plan_file.hpp"
#include "advisor/io/run_report_json.hpp"
#include "advisor/measure/process_start.hpp"
#include "mpi/rank_team.hpp"
#include "mpi/run/launch.hpp"
#include "mpi/run/output_print.hpp"
#include "mpi/run/run_job.hpp"

extern char** environ;

namespace {

using namespace amorsize;

struct Options {
    run::RunOptions run;
    double grace = run.grace.value;
    double silence = run.silence.value;
    std::optional<double> stop_after;  ///< seconds
    bool resume = false;
    bool json = false;
    std::string print;  ///< "", "stdout" or "stderr"
    mpi::Drawing drawing = mpi::Drawing::automatic;
};

constexpr const char* kFooter =
    "Started by srun or mpirun it runs as one rank of many, by itself as the only one.\n"
    "Exit codes: 0 all items done, 6 some failed for good, 7 stopped by a signal and resumable,\n"
    "5 the disk or a node failed us (resumable), 2 wrong usage, 3 bad plan, 1 internal error.\n"
    "Beside NAME.plan.yaml it writes NAME.run/ (journals and output), NAME.joblog and NAME.failed.";

std::vector<std::string> own_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
    return entries;
}

std::optional<std::string> look_up(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

void add_options(CLI::App& app, Options& options) {
    app.set_version_flag("--version", std::string("amorsize-run ") + AMORSIZE_VERSION);
    app.footer(kFooter);
    app.add_option("plan", options.run.plan_path, "NAME.plan.yaml, as amorsize-advise wrote it")
        ->required();
    auto* resume = app.add_flag("--resume", options.resume,
                                "take up where an earlier run stopped (the default)");
    auto* fresh =
        app.add_flag("--fresh", options.run.resume.fresh, "forget earlier runs and start over");
    auto* retry = app.add_flag("--retry-failed", options.run.resume.retry_failed,
                               "also run again what failed for good");
    fresh->excludes(resume)->excludes(retry);
    app.add_option("--element", options.run.element,
                   "run only the items of this element of the plan's job array")
        ->check(CLI::Range(0, 10000000))
        ->excludes(fresh);
    app.add_option("--workers", options.run.workers,
                   "workers of every rank, in place of the plan's")
        ->check(CLI::Range(1, 100000));
    app.add_option("--grace", options.grace,
                   "seconds that running items get after a signal to stop")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    app.add_option("--silence", options.silence,
                   "mode stream: seconds without an answer after which a worker's input is closed, "
                   "to see whether it waits")
        ->check(CLI::Range(0.1, 1e9))
        ->capture_default_str();
    app.add_option("--stop-after", options.stop_after,
                   "stop cleanly after so many seconds, as for a signal; the next run resumes")
        ->check(CLI::Range(0.001, 1e9));
    const std::map<std::string, mpi::Drawing> drawings = {{"auto", mpi::Drawing::automatic},
                                                          {"window", mpi::Drawing::window},
                                                          {"messages", mpi::Drawing::messages}};
    app.add_option("--counter", options.drawing,
                   "how ranks draw chunks: auto, window (one-sided) or messages")
        ->transform(CLI::CheckedTransformer(drawings))
        ->default_str("auto");
    app.add_option("--print", options.print, "run nothing; print what items wrote, in item order")
        ->check(CLI::IsMember({"stdout", "stderr"}));
    app.add_option_function<std::string>(
           "--format", [&](const std::string& format) { options.json = format == "json"; },
           "of the report at the end")
        ->check(CLI::IsMember({"text", "json"}))
        ->default_str("text");
}

void print_whole(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
        throw Error(ExitCode::environment, "cannot write to standard output");
    }
}

void flush_output() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        throw Error(ExitCode::environment, "cannot write to standard output");
    }
}

void say(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

/// hwloc would load all it finds, X11 and OpenCL among them, which takes as long as looking at the
/// cores. Only XML is read by one. Not for MPI, which asks hwloc for more; items do not see it.
void leave_out_hwloc_plugins() {
    if (!look_up("HWLOC_XMLFILE")) ::setenv("HWLOC_PLUGINS_PATH", "", 0);
}

std::unique_ptr<run::Team> join_team(std::optional<mpi::Environment>& mpi, mpi::Drawing drawing) {
    const std::optional<int> launched = run::processes_launched(look_up);
    // By itself a rank starts at once: MPI is not even initialised.
    if (launched == 1) {
        leave_out_hwloc_plugins();
        return run::make_team_of_one();
    }
    mpi.emplace();
    auto team = mpi::make_rank_team(drawing);
    if (launched && team->size() != *launched) {
        throw Error(ExitCode::environment,
                    fmt::format("{} processes were started together, but MPI sees {}", *launched,
                                team->size()),
                    "with srun, ask for the interface Open MPI was built with: srun --mpi=pmix "
                    "(srun --mpi=list shows what there is)");
    }
    return team;
}

int run_plan(Options options, const run::BlockedSignals& signals) {
    if (options.stop_after) run::stop_after(Seconds{*options.stop_after});
    std::optional<mpi::Environment> mpi;
    const std::unique_ptr<run::Team> team = join_team(mpi, options.drawing);
    const PlannedJob job = read_plan(options.run.plan_path);
    options.run.history = history_in_use(job.job, look_up);
    const run::RunReport report = run::run_job(job, options.run, *team, signals);
    // A launcher makes much of every rank that fails: one is enough to tell.
    if (team->rank() != 0) return 0;
    const std::string text = options.json ? run::to_json(report) : run::to_text(report);
    // The items are done whether or not anyone could be told.
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
        std::fflush(stdout) != 0) {
        say("amorsize-run: cannot write to standard output; the report is in report.json of the "
            "run\n");
    }
    return run::exit_code_of(report.end);
}

int print_items(const Options& options) {
    const run::Stream stream = options.print == "stderr" ? run::Stream::err : run::Stream::out;
    const run::RunFolder whole(options.run.plan_path);
    const auto& element = options.run.element;
    run::print_output(element ? whole.of_element(*element) : whole, stream, print_whole);
    flush_output();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    amorsize::measure::prepare_process();
    const run::BlockedSignals signals;
    Options options;
    CLI::App app("Runs the items of a plan, and takes up where an interrupted run left off.",
                 "amorsize-run");
    add_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    options.run.grace = Seconds{options.grace};
    options.run.silence = Seconds{options.silence};
    options.run.environment = own_environment();
    options.run.say = say;
    options.run.progress_on_terminal = ::isatty(STDERR_FILENO) == 1 && !look_up("NO_COLOR");
    try {
        return options.print.empty() ? run_plan(options, signals) : print_items(options);
    } catch (const Error& error) {
        say(fmt::format("amorsize-run: {}\n", error.what()));
        if (!error.hint.empty()) say(fmt::format("  hint: {}\n", error.hint));
        return static_cast<int>(error.code);
    } catch (const std::exception& error) {
        say(fmt::format("amorsize-run: internal error: {}\n", error.what()));
        return static_cast<int>(ExitCode::internal);
    }
}
