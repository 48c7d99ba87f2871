#include "advisor/cli/advise_job.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

#include "advisor/cli/advice_files.hpp"
#include "advisor/cli/advice_text.hpp"
#include "advisor/cli/advice_words.hpp"
#include "advisor/cli/gather_facts.hpp"
#include "advisor/cli/page/advice_page.hpp"
#include "advisor/cli/plot/advice_plot.hpp"
#include "advisor/cli/program.hpp"
#include "advisor/cli/turnaround.hpp"
#include "advisor/core/advise.hpp"
#include "advisor/core/comparison.hpp"
#include "advisor/core/job_array.hpp"
#include "advisor/core/outlook.hpp"
#include "advisor/core/text.hpp"
#include "advisor/core/thread_choice.hpp"
#include "advisor/io/advice_json.hpp"
#include "advisor/io/items.hpp"
#include "advisor/io/manifest_reader.hpp"
#include "advisor/measure/run_command.hpp"
#include "slurm/launch_arguments.hpp"
#include "slurm/refusal.hpp"
#include "slurm/sbatch_script.hpp"
#include "slurm/submit.hpp"

namespace amorsize::cli {

namespace fs = std::filesystem;

namespace {

/// The prelude becomes part of a script: what is left open in it would swallow the launch.
void check_prelude(const Manifest& manifest) {
    if (manifest.prelude.empty()) return;
    const std::string& last = manifest.prelude.back();
    const std::size_t backslashes = last.size() - (last.find_last_not_of('\\') + 1);
    if (backslashes % 2 == 1) {
        throw Error(ExitCode::bad_input,
                    "prelude: the last line ends in a backslash, which would join the launch to it",
                    "leave the backslash out");
    }
    const std::string lines = fmt::format("{}\n", fmt::join(manifest.prelude, "\n"));
    // What the environment makes bash say is no fault of the prelude.
    const CommandResult parsed =
        measure::run_command({"env", "-u", "BASH_ENV", "-u", "SHELLOPTS", "-u", "BASH_XTRACEFD",
                              "LC_ALL=C", "bash", "-n", "-c", lines},
                             Seconds{10});
    const bool cannot_be_started = parsed.status == 127;
    // An unfinished here-document is only a warning to bash.
    if (cannot_be_started || (parsed.status == 0 && parsed.err.empty())) return;
    const std::string said = parsed.err.substr(0, parsed.err.find('\n'));
    throw Error(ExitCode::bad_input, "prelude: bash cannot read these lines: " + printable(said),
                "each quote, bracket and here-document must end within the prelude");
}

/// What to type next: sbatch where there is Slurm, otherwise the run itself on this machine.
std::string next_step(const AdviseOptions& options, const Manifest& manifest,
                      const Cluster& cluster, const Plan& plan, const Surroundings& surroundings) {
    const std::string folder =
        options.output == "." ? "" : (fs::path(options.output) / "").string();
    const std::string script = folder + manifest.name + ".sbatch";
    const std::string plan_file = folder + manifest.name + ".plan.yaml";
    std::vector<std::string> next{"sbatch", script};
    if (!cluster.slurm_version) {
        const bool on_path = surroundings.has_program("amorsize-run");
        const std::string runner = on_path ? "amorsize-run" : surroundings.command("amorsize-run");
        next = slurm::rank_command(manifest, runner, plan_file);
        if (plan.layout.ranks() > 1) next = slurm::mpirun_arguments(plan, cluster, next);
    }
    for (std::string& word : next) word = slurm::shell_quoted(word);
    const std::string page = options.report.empty() ? "" : ", " + options.report;
    return fmt::format("\nwrote {}, {}{}   next: {}\n", script, plan_file, printable(page),
                       fmt::join(next, " "));
}

/// How long Slurm expects the script to wait.
std::optional<Seconds> queue_wait(const Outputs& outputs) {
    const slurm::Judgement judgement = judge(outputs.script);
    if (!judgement.accepted) return std::nullopt;
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    return slurm::wait_between(fmt::format("{:%Y-%m-%dT%H:%M:%S}", local), judgement.start);
}

/// A refusal is told before anything is written or queued.
void require_accepted(const std::string& script, const Manifest& manifest, const Plan& plan) {
    const slurm::Judgement judgement = judge(script);
    if (judgement.accepted) return;
    const std::string partition =
        plan.request.partition.empty() ? "(the default one)" : plan.request.partition;
    throw slurm::explained("the script", judgement.message, manifest, partition);
}

/// A job array is Slurm's, and the items of a program are its own.
void require_array(const Manifest& manifest, const Cluster& cluster) {
    if (manifest.strategy != StrategyChoice::array) return;
    if (!cluster.slurm_version) {
        throw Error(ExitCode::bad_input,
                    "strategy array: job arrays are Slurm's, and there is none",
                    "leave the strategy out, or plan for a cluster with --cluster FILE");
    }
    if (manifest.kind == JobKind::mpi || manifest.mode == Mode::program) {
        throw Error(ExitCode::bad_input,
                    "strategy array: it shares out the items, and this program shares them out "
                    "itself",
                    "leave the strategy out, or use mode exec, batch or stream");
    }
}

/// What was asked for and cannot be had here.
std::vector<std::string> without_effect(const AdviseOptions& options, const Manifest& manifest,
                                        bool on_slurm) {
    std::vector<std::string> notes;
    if (options.probe && !options.cluster_file.empty()) {
        notes.push_back("--probe measures nothing with --cluster: the profile's figures are used");
    }
    if (manifest.goal == Goal::turnaround && !on_slurm) {
        notes.push_back("goal turnaround: no Slurm is asked, so no queue wait is counted");
    }
    return notes;
}

}  // namespace

ExitCode advise_job(const AdviseOptions& options, const Surroundings& surroundings) {
    const Manifest asked = with_options(read_manifest(options.manifest), options);
    check_prelude(asked);
    const OutputPaths paths = output_paths(options, asked);
    if (!options.dry_run) require_replaceable(paths);
    const ItemList items(asked.items, asked.directory);
    const GatheredFacts facts = gather_facts(options, asked, items, surroundings);
    const Cluster& cluster = facts.cluster;
    const Observation& observed = facts.observed;
    for (const std::string& note : without_effect(options, asked, facts.on_slurm))
        tell(fmt::format("note: {}\n", note));
    for (const std::string& note : observed.notes) tell(fmt::format("note: {}\n", note));

    require_array(asked, cluster);
    const ThreadChoice threads = settle_threads(asked, cluster, observed.profile, options.seed);
    const Manifest& manifest = threads.manifest;
    const JobProfile& profile = threads.profile;
    const std::optional<Advice> array = advise_array(manifest, cluster, profile, options.seed);
    Advice advice = beside_array(advise(manifest, cluster, profile, options.seed), array, manifest);
    if (facts.on_slurm && manifest.goal == Goal::turnaround) {
        advice = soonest_end(
            std::move(advice), array, manifest, cluster, profile, options.seed,
            [&](const Advice& one) {
                return queue_wait(make_outputs(manifest, cluster, one, paths.plan, surroundings));
            });
    }
    advice = beside_other_threads(std::move(advice), threads);
    advice.basis.insert(advice.basis.end(), facts.basis.begin(), facts.basis.end());
    const Outputs outputs = make_outputs(manifest, cluster, advice, paths.plan, surroundings);
    const bool can_submit = options.submit && surroundings.has_program("sbatch");
    if (advice.plan && (facts.on_slurm || can_submit)) {
        require_accepted(outputs.script, manifest, *advice.plan);
    }
    Outlook outlook;
    if (options.plot || !options.report.empty())
        outlook = look_around(manifest, cluster, profile, advice, options.seed);
    std::optional<Comparison> explained;
    if (options.explain)
        explained = compare_layouts(manifest, cluster, profile, advice, options.seed);
    std::string page;
    if (!options.report.empty()) {
        page = page::advice_page(
            {manifest, items.size(), profile, advice, outlook, outputs.directives, outputs.script});
    }
    if (!options.dry_run)
        write_outputs(paths, manifest, items.size(), advice, outputs, observed.kept, page,
                      facts.remembered_as);
    const bool write = advice.plan && !options.dry_run;

    if (options.format == Format::json) {
        fmt::print("{}\n",
                   advice_json(manifest, advice, outputs.launch, outputs.directives, explained));
    } else {
        fmt::print("{}",
                   advice_text(manifest, items.size(), advice, outputs.directives, explained));
        if (options.plot) {
            const std::string drawn = plot::advice_plot(manifest, profile, advice, outlook,
                                                        plot::glyphs(surroundings.writes_utf8()));
            if (!drawn.empty()) fmt::print("\n{}", drawn);
        }
        if (write && !options.submit) {
            fmt::print("{}", next_step(options, manifest, cluster, *advice.plan, surroundings));
        }
        if (!write && !paths.page.empty() && !options.dry_run)
            fmt::print("\nwrote {}\n", printable(paths.page));
    }
    if (write && options.submit) {
        if (!can_submit) {
            throw Error(ExitCode::environment, "--submit: there is no sbatch on PATH",
                        "the script is written; submit it where Slurm is: sbatch " + paths.script);
        }
        const std::int64_t id = slurm::submit(measure::run_command, paths.script);
        const std::string submitted = fmt::format("submitted as job {}\n", id);
        if (options.format == Format::json)
            tell(submitted);
        else
            fmt::print("{}", submitted);
    }
    return advice.plan ? ExitCode::ok : ExitCode::infeasible;
}

}  // namespace amorsize::cli
