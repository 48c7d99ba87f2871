#include "advisor/cli/advise_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "advisor/core/error.hpp"
#include "advisor/core/text.hpp"
#include "advisor/io/quantity_text.hpp"

namespace amorsize::cli {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 advice given (\"serial\" is advice), 1 internal error, 2 wrong usage, 3 bad "
    "input,\n"
    "4 infeasible (the advice says what would fit), 5 environment (Slurm, MPI, a node or the disk "
    "failed us).\n"
    "Environment: NO_COLOR; AMORSIZE_HISTORY=FILE keeps the history of finished runs there, empty "
    "keeps none;\nAMORSIZE_DISABLE=1 leaves it alone.";

Seconds duration(const std::string& option, const std::string& text) {
    const Parsed<Seconds> time = parse_duration(text);
    if (time) return *time.value;
    throw Error(ExitCode::usage, fmt::format("{} {}: {}", option, text, time.message), time.hint);
}

/// The library would wrap what is negative or too large around.
CLI::Validator seed_check() {
    return CLI::Validator(
        [](const std::string& text) -> std::string {
            const bool digits = std::all_of(text.begin(), text.end(), is_digit);
            return digits && text.size() <= 18
                       ? ""
                       : "not a whole number from 0 up, of 18 digits at most";
        },
        "");
}

/// For ourselves on a compute node: no part of what users are promised.
void declare_internal(CLI::App& app, AdviseOptions& options) {
    app.add_flag("--observe-here", options.observe_here)->group("");
    app.add_option_function<std::vector<double>>(
           "--expect",
           [&](const std::vector<double>& figures) {
               options.expected = Expectation{{figures[0]}, {figures[1]}, std::nullopt};
               if (figures.size() > 2)
                   options.expected->peak = Bytes{static_cast<std::int64_t>(figures[2])};
           })
        ->delimiter(',')
        ->expected(2, 3)
        ->group("");
    app.add_option("--nodes-like", options.nodes_like)->check(CLI::PositiveNumber)->group("");
    app.add_option("--smt-yield", options.smt_yield)->check(CLI::PositiveNumber)->group("");
}

void declare(CLI::App& app, AdviseOptions& options) {
    app.add_option("manifest", options.manifest, "The job: a YAML manifest")
        ->required()
        ->type_name("JOB.yaml");

    const char* where = "Where to plan for";
    auto* local = app.add_flag("--local", options.local,
                               "This machine, no Slurm (the default where Slurm is absent)");
    app.add_option("--cluster", options.cluster_file,
                   "A saved cluster profile; nothing is discovered")
        ->type_name("FILE")
        ->excludes(local)
        ->group(where);
    local->group(where);
    app.add_flag("--probe", options.probe, "Measure nodes and launch cost, even what is known")
        ->group(where);

    app.add_option_function<std::string>(
           "--wait", [&](const std::string& text) { options.wait = duration("--wait", text); },
           "Wait this long for compute nodes to measure and sample on: 10min unless given")
        ->type_name("T")
        ->group(where);

    const char* what = "What is known of the job";
    auto* samples = app.add_option("--samples", options.samples_file,
                                   "Use these measured samples (CSV), run nothing")
                        ->type_name("FILE")
                        ->group(what);
    app.add_flag("--no-sample", options.no_sample, "Run nothing; plan with what the manifest says")
        ->excludes(samples)
        ->group(what);
    app.add_flag("--no-history", options.no_history,
                 "Learn nothing from earlier runs, and do not remember this one")
        ->group(what);

    const char* limits = "Goal and limits (before the manifest's)";
    app.add_option("--goal", options.goal,
                   "time, cost (core hours) or turnaround (queue wait + run)")
        ->check(CLI::IsMember({"time", "cost", "turnaround"}))
        ->type_name("GOAL")
        ->group(limits);
    app.add_option("--strategy", options.strategy, "auto, job (one job) or array (a job array)")
        ->check(CLI::IsMember({"auto", "job", "array"}))
        ->type_name("S")
        ->group(limits);
    app.add_option("--launcher", options.launcher, "srun or mpirun")
        ->check(CLI::IsMember({"srun", "mpirun"}))
        ->type_name("NAME")
        ->group(limits);
    app.add_option("--nodes", options.nodes, "At most N nodes")
        ->check(CLI::Range(1, 1000000))
        ->type_name("N")
        ->group(limits);
    app.add_option("--partition", options.partition, "Plan for this partition")
        ->type_name("P")
        ->group(limits);
    app.add_option("--time", options.time, "At most this long: 90min, 2h, 1-00:00:00")
        ->type_name("T")
        ->group(limits);
    app.add_option("--risk", options.risk, "Accepted chance that memory or time runs out")
        ->check(CLI::Range(1e-6, 0.999))
        ->type_name("R")
        ->group(limits);
    app.add_option("--headroom", options.headroom, "Share of the memory left free")
        ->check(CLI::Range(0.0, 0.99))
        ->type_name("H")
        ->group(limits);

    const char* output = "Output";
    app.add_option("--output", options.output, "Folder for NAME.sbatch and NAME.plan.yaml")
        ->type_name("DIR")
        ->capture_default_str()
        ->group(output);
    app.add_option("--report", options.report,
                   "Also a page for the browser, pictures and script in one file")
        ->type_name("FILE.html")
        ->group(output);
    app.add_flag("--plot", options.plot, "The page's pictures below the advice, as plain text")
        ->group(output);
    auto* dry_run = app.add_flag("--dry-run", options.dry_run, "Write nothing")->group(output);
    app.add_flag("--explain", options.explain, "Every reason and every rejected alternative")
        ->group(output);
    app.add_option_function<std::string>(
           "--format",
           [&](const std::string& name) {
               options.format = name == "json" ? Format::json : Format::text;
           },
           "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("F")
        ->group(output);
    app.add_flag("--submit", options.submit, "Submit the script and print the job's id")
        ->excludes(dry_run)
        ->group(output);
    app.add_option("--seed", options.seed, "Of the choice of samples and the simulation")
        ->check(seed_check())
        ->type_name("N")
        ->capture_default_str()
        ->group(output);
}

}  // namespace

std::optional<AdviseOptions> parse_advise_options(int argc, char** argv) {
    AdviseOptions options;
    CLI::App app(
        "Measured advice for a batch job: sbatch directives, launch arguments and chunks, each "
        "with its reason.",
        "amorsize-advise");
    app.set_version_flag("--version", "amorsize-advise " AMORSIZE_VERSION);
    app.footer(kFooter);
    app.get_formatter()->column_width(28);
    declare(app, options);
    declare_internal(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        app.exit(asked);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        throw Error(ExitCode::usage, error.what(), "amorsize-advise --help lists the options");
    }
    if (options.plot && options.format == Format::json) {
        throw Error(ExitCode::usage, "--plot draws for people, and --format json is for programs",
                    "leave one of them out; --report FILE.html goes with both");
    }
    return options;
}

Manifest with_options(Manifest manifest, const AdviseOptions& options) {
    if (options.no_history) manifest.history = false;
    if (options.goal) {
        manifest.goal = *options.goal == "cost"         ? Goal::cost
                        : *options.goal == "turnaround" ? Goal::turnaround
                                                        : Goal::time;
    }
    if (options.strategy) {
        manifest.strategy = *options.strategy == "array" ? StrategyChoice::array
                            : *options.strategy == "job" ? StrategyChoice::job
                                                         : StrategyChoice::automatic;
    }
    if (options.launcher)
        manifest.launcher = *options.launcher == "mpirun" ? Launcher::mpirun : Launcher::srun;
    if (options.nodes) manifest.limits.nodes = options.nodes;
    if (options.partition) manifest.limits.partition = options.partition;
    if (options.time) manifest.limits.time = duration("--time", *options.time);
    if (options.risk) manifest.risk = {*options.risk};
    if (options.headroom) manifest.headroom = {*options.headroom};
    return manifest;
}

}  // namespace amorsize::cli
