#include <fmt/format.h>
#include <mpi.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/error.hpp"
#include "advisor/io/measured_line.hpp"
#include "advisor/io/survey_json.hpp"
#include "advisor/measure/process_start.hpp"
#include "advisor/measure/run_command.hpp"
#include "mpi/communicator.hpp"
#include "mpi/probe/findings.hpp"
#include "mpi/probe/own_node.hpp"
#include "mpi/probe/report_text.hpp"
#include "mpi/probe/spool.hpp"
#include "mpi/probe/supervisor.hpp"
#include "mpi/probe/surroundings.hpp"
#include "mpi/probe/without_mpi.hpp"
#include "mpi/probe/write_profile.hpp"
#include "mpi/probe_ranks.hpp"
#include "mpi/run/launch.hpp"

extern char** environ;

namespace {

using namespace amorsize;
using Clock = std::chrono::steady_clock;
using probe::ProbeOptions;
using probe::ProbeReport;

constexpr const char* kFooter =
    "Started by srun or mpirun it measures every node it runs on (any number of ranks a node), by\n"
    "itself this one. Beside FILE.yaml it writes an hwloc XML for each class, FILE.CLASS.xml.\n"
    "Exit codes: 0 a profile was written, with warnings if nodes are missing; 5 no node answered, "
    "or\n"
    "MPI or the disk failed us; 3 bad spool, 2 wrong usage, 1 internal error.";

/// For all ranks to find each other; one that never comes holds up the others.
constexpr Seconds kForMeeting{60};

std::optional<std::string> look_up(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

std::vector<std::string> own_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
    return entries;
}

void say(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

void print_whole(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
        std::fflush(stdout) != 0) {
        throw Error(ExitCode::environment, "cannot write to standard output");
    }
}

void add_options(CLI::App& app, ProbeOptions& options, std::optional<double>& timeout) {
    app.set_version_flag("--version", std::string("amorsize-probe ") + AMORSIZE_VERSION);
    app.footer(kFooter);
    app.add_option("--output", options.output,
                   "write the cluster profile there, for amorsize-advise --cluster");
    auto* quick = app.add_flag("--quick", options.quick,
                               "shape and limits alone, measure nothing: milliseconds");
    app.add_flag_function(
           "--full", [&](std::int64_t) { options.quick = false; },
           "measure bandwidth, starts and speeds too (the default)")
        ->excludes(quick);
    app.add_option("--budget", options.budget.value, "seconds that each node measures")
        ->check(CLI::Range(0.5, 600.0))
        ->capture_default_str();
    app.add_option("--timeout", timeout, "seconds to wait for a node's answer")
        ->check(CLI::Range(1.0, 3600.0))
        ->default_str("60, 15 with --quick");
    app.add_option("--spool", options.spool,
                   "where nodes leave reports that outlive them (a shared folder); FILE.spool");
    app.add_option("--collect", options.collect,
                   "probe nothing; read the reports that a lost probe left in this folder");
    app.add_flag("--say-ready", options.say_ready)->group("");
    app.add_flag("--hand-back", options.hand_back)->group("");
    app.add_flag("--ranks-as-nodes", options.every_rank,
                 "take each rank for a node of its own: what was each given?");
    app.add_option_function<std::string>(
           "--format", [&](const std::string& format) { options.json = format == "json"; },
           "of the report on standard output")
        ->check(CLI::IsMember({"text", "json"}))
        ->default_str("text");
}

void warn(const ProbeReport& report) {
    for (const std::string& line : probe::warnings_of(report))
        say("amorsize-probe: warning: " + line + "\n");
}

void print_report(const ProbeReport& report, const ProbeOptions& options) {
    warn(report);
    print_whole(options.json ? probe::to_json(report) : probe::report_text(report));
}

void print(const ProbeReport& report, const ProbeOptions& options) {
    if (options.hand_back) {
        print_whole(measured_line(probe::measured_cluster(report, probe::warnings_of(report))));
        return;
    }
    print_report(report, options);
    if (!options.output.empty() && !options.json)
        print_whole("wrote        " + options.output + "\n");
}

/// What was measured is told even where it cannot be kept.
void save(const ProbeReport& report, const ProbeOptions& options) {
    if (report.classes.empty())
        throw Error(ExitCode::environment, "no node answered", "give them longer with --timeout");
    if (options.output.empty()) return;
    try {
        probe::write_profile(report, options.output);
    } catch (const Error&) {
        print_report(report, options);
        throw;
    }
}

std::string mpi_library() {
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
    int length = 0;
    MPI_Get_library_version(text.data(), &length);
    return text.data();
}

ProbeReport surroundings(const ProbeOptions& options, probe::Whose whose) {
    ProbeReport report =
        probe::report_of_surroundings(look_up, measure::run_command, mpi_library(), whose);
    report.full = !options.quick;
    return report;
}

int probe_alone(const ProbeOptions& options) {
    const auto started = Clock::now();
    const std::string host = probe::own_host_name();
    ProbeReport report =
        probe::with_nodes(surroundings(options, probe::Whose::this_job),
                          survey_of(probe::probe_own_node(options, look_up, host)), HostList(host));
    report.launch.unmeasured = "this process was started alone";
    report.network.unmeasured = "one node";
    report.took = {std::chrono::duration<double>(Clock::now() - started).count()};
    save(report, options);
    print(report, options);
    return 0;
}

/// What nodes left in a spool, without a word from their ranks.
int report_collected(const probe::Collected& collected, const ProbeOptions& options,
                     probe::Whose whose) {
    ProbeReport report =
        probe::with_nodes(surroundings(options, whose), collected.survey, collected.expected);
    report.full = std::any_of(report.classes.begin(), report.classes.end(), [](const auto& found) {
        return !found.nodes.figure(NodeFigure::measuring).empty();
    });
    report.warnings.insert(report.warnings.end(), collected.refused.begin(),
                           collected.refused.end());
    report.launch.unmeasured = report.network.unmeasured = "needs ranks that talk by MPI";
    save(report, options);
    print(report, options);
    return 0;
}

probe::Launcher own_launcher() {
    using Kind = probe::Launcher::Kind;
    const probe::LaunchedRank rank = probe::launched_rank(look_up);
    std::error_code unreadable;
    probe::Launcher launcher;
    launcher.kind = rank.by_mpirun ? Kind::mpirun : rank.by_srun ? Kind::srun : Kind::none;
    launcher.program = std::filesystem::read_symlink("/proc/self/exe", unreadable).string();
    launcher.environment = own_environment();
    return launcher;
}

/// One rank of a step whose start is being timed.
int say_ready() {
    const mpi::Environment environment;
    const mpi::Communicator ranks = mpi::Communicator::world();
    const auto launched = run::processes_launched(look_up);
    if (launched && *launched != ranks.size())
        throw Error(ExitCode::environment, "MPI sees other ranks than were started");
    mpi::check(MPI_Barrier(ranks.get()), "wait for all ranks");
    if (ranks.rank() == 0) print_whole(std::string(probe::kReady) + "\n");
    return 0;
}

void tell(const Error& error) {
    say(fmt::format("amorsize-probe: {}\n", error.what()));
    if (!error.hint.empty()) say(fmt::format("  hint: {}\n", error.hint));
}

/// What is wrong with the spool, if anything: a probe can do without.
std::string clear_spool(const ProbeOptions& options) {
    if (options.spool.empty()) return "";
    try {
        probe::Spool(options.spool).clear();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

/// The rank itself, started by its supervisor.
int probe_as_rank(const ProbeOptions& options, const probe::Status& status) {
    bool output_failed = false;
    const auto output = [&](const std::function<void()>& write) {
        output_failed = true;
        write();
        output_failed = false;
    };
    const probe::LaunchedRank rank = probe::launched_rank(look_up);
    mpi::ProbeSetting setting;
    setting.lookup = look_up;
    setting.step_nodes = rank.nodes;
    setting.ranks_met = [&] { status.ranks_met(); };
    setting.launcher = own_launcher();
    setting.deliver = [&](const ProbeReport& report) { output([&] { save(report, options); }); };
    // Before the ranks part: what goes wrong at MPI's end must not cost the report.
    setting.conclude = [&](const ProbeReport& report) {
        output([&] { print(report, options); });
        if (!options.spool.empty()) probe::Spool(options.spool).remove();
    };
    // Before MPI starts, which is not before all ranks are there: so nobody writes there yet.
    if (rank.root) setting.spool_trouble = clear_spool(options);
    const mpi::Environment environment;
    const auto launched = run::processes_launched(look_up);
    if (launched && mpi::Communicator::world().size() != *launched) return 0;
    status.mpi_started();
    const probe::Spool spool(options.spool);
    int exit_code = 0;
    try {
        const mpi::ProbeEnd end = mpi::probe_as_rank(options, setting);
        status.finished();
        if (end.all_live) return 0;
    } catch (const Error& error) {
        tell(error);
        // Where MPI failed the supervisor goes on, and no launcher may see an end; what this rank
        // could not write its supervisor could not write either.
        if (!output_failed) std::abort();
        status.finished();
        spool.give_up();
        // Only rank 0's code counts: a launcher makes much of every rank that fails.
        if (rank.root) exit_code = static_cast<int>(error.code);
    }
    // MPI_Finalize would wait for those who are lost.
    std::fflush(nullptr);
    std::_Exit(exit_code);
}

/// Rank 0 is lost, but what nodes leave in the spool can still be put together.
int report_without_rank_0(const ProbeOptions& options, const probe::LaunchedRank& rank,
                          const probe::ChildEnd& end, const std::string& loss,
                          Clock::time_point started) {
    if (options.spool.empty())
        throw Error(ExitCode::environment, loss, "with --output FILE a profile outlives it");
    say(fmt::format("amorsize-probe: warning: {}; going on with what nodes leave in {}\n", loss,
                    options.spool));
    const bool in_a_hurry = end.way == probe::ChildEnd::Way::told_to_stop;
    const auto patience = std::chrono::duration<double>(in_a_hurry ? 0 : options.timeout.value);
    const auto deadline = started + std::chrono::duration_cast<Clock::duration>(patience);
    const probe::Spool spool(options.spool);
    const HostList nodes = options.every_rank ? HostList() : rank.nodes;
    const probe::Collected collected = probe::wait_and_collect(spool, {nodes, 0}, deadline);
    spool.give_up();
    return report_collected(collected, options, probe::Whose::this_job);
}

/// Launchers end all ranks when they see one lost: so not before rank 0 has reported, after which
/// it removes the spool or gives it up. `was_there`: the spool has been seen.
void leave_without_harm(const ProbeOptions& options, const probe::LaunchedRank& rank,
                        const probe::ChildEnd& end, const probe::Spool& spool, bool was_there) {
    if (!rank.by_mpirun && !end.stands_still()) return;
    probe::wait_for_stop(longest(options), [&] {
        const bool is_there = spool.present();
        was_there = was_there || is_there;
        return (was_there && !is_there) || spool.given_up();
    });
}

const char* how_mpi_failed(const probe::ChildEnd& end) {
    return end.mpi_started ? "the ranks did not meet" : "MPI does not start";
}

/// The ranks did not find each other, or MPI does not start at all: each node reports by a file.
int go_on_without_mpi(const ProbeOptions& options, const probe::LaunchedRank& rank,
                      const probe::ChildEnd& end, const std::string& loss) {
    if (rank.root) {
        say(fmt::format("amorsize-probe: warning: {}; nodes report by files\n",
                        how_mpi_failed(end)));
    }
    auto collected = probe::probe_without_mpi(options, look_up, rank, loss);
    const probe::Spool spool = probe::spool_without_mpi(options, rank);
    if (!collected) {
        const bool reported = probe::reports_without_mpi(options, rank, loss);
        leave_without_harm(options, rank, end, spool, reported);
        return 0;
    }
    collected->survey.troubles.add(
        fmt::format("{}: nodes reported by files, launch cost and network are not measured",
                    how_mpi_failed(end)));
    const int exit_code = report_collected(*collected, options, probe::Whose::this_job);
    spool.remove();
    probe::Spool(options.spool).remove();
    return exit_code;
}

int supervise_rank(const ProbeOptions& options, const std::vector<std::string>& argv) {
    const auto started = Clock::now();
    const probe::LaunchedRank rank = probe::launched_rank(look_up);
    const probe::Spool without_mpi = probe::spool_without_mpi(options, rank);
    const probe::ChildEnd end = probe::supervise(
        argv, probe::with_safe_pmix(own_environment()),
        {kForMeeting, longest(options) + Seconds{10}, [&] { return without_mpi.present(); }});
    // All was said: a signal that came after that, in MPI's end, takes nothing back.
    if (end.way == probe::ChildEnd::Way::finished) return end.exit_code < 128 ? end.exit_code : 0;
    const std::string text =
        fmt::format("rank {} on {} {}", rank.number, probe::own_host_name(), end.text);
    // Where MPI does not start each rank ends so, and none was lost.
    const bool was_lost = end.way == probe::ChildEnd::Way::crashed ||
                          (end.way == probe::ChildEnd::Way::failed && end.mpi_started);
    const std::string loss = was_lost ? text : "";
    if (end.way != probe::ChildEnd::Way::told_to_stop && !end.ranks_met)
        return go_on_without_mpi(options, rank, end, loss);
    if (was_lost) probe::report_for_lost_rank(options, look_up, rank, loss);
    if (rank.root) return report_without_rank_0(options, rank, end, text, started);
    leave_without_harm(options, rank, end, probe::Spool(options.spool), false);
    return 0;
}

/// amorsize-advise names a folder without knowing whether the nodes share it.
void leave_spool_unseen(ProbeOptions& options) {
    std::error_code unreadable;
    const auto parent = std::filesystem::path(options.spool).parent_path();
    if (std::filesystem::is_directory(parent, unreadable)) return;
    options.unseen = parent.string();
    options.spool.clear();
}

int run_as_asked(const ProbeOptions& options, const std::vector<std::string>& argv) {
    if (!options.collect.empty()) {
        return report_collected(probe::collect(probe::Spool(options.collect)), options,
                                probe::Whose::another_job);
    }
    if (options.say_ready) return say_ready();
    if (run::processes_launched(look_up) == 1) return probe_alone(options);
    const probe::Status status(look_up);
    return status.supervised() ? probe_as_rank(options, status) : supervise_rank(options, argv);
}

}  // namespace

int main(int argc, char** argv) {
    amorsize::measure::prepare_process();
    ProbeOptions options;
    CLI::App app("Measures nodes and writes what amorsize-advise plans with.", "amorsize-probe");
    std::optional<double> timeout;
    add_options(app, options, timeout);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    options.timeout = {timeout.value_or(options.quick ? 15 : 60)};
    if (options.spool.empty() && !options.output.empty()) options.spool = options.output + ".spool";
    if (options.hand_back && !options.spool.empty()) leave_spool_unseen(options);
    try {
        return run_as_asked(options, {argv, argv + argc});
    } catch (const Error& error) {
        tell(error);
        return static_cast<int>(error.code);
    } catch (const std::exception& error) {
        say(fmt::format("amorsize-probe: internal error: {}\n", error.what()));
        return static_cast<int>(ExitCode::internal);
    }
}
