#include <fmt/format.h>
#include <mpi.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "advisor/core/error.hpp"
#include "advisor/io/survey_json.hpp"
#include "advisor/measure/run_command.hpp"
#include "advisor/measure/process_start.hpp"
#include "mpi/communicator.hpp"
#include "mpi/probe/findings.hpp"
#include "mpi/probe/own_node.hpp"
#include "mpi/probe/report_text.hpp"
#include "mpi/probe/spool.hpp"
#include "mpi/probe/surroundings.hpp"
#include "mpi/probe/write_profile.hpp"
#include "mpi/probe_ranks.hpp"
#include "mpi/run/launch.hpp"

namespace {

using namespace amorsize;
using probe::ProbeOptions;
using probe::ProbeReport;

constexpr const char* kFooter =
    "Started by srun or mpirun it measures every node it runs on (any number of ranks a node), by\n"
    "itself this one. Beside FILE.yaml it writes an hwloc XML for each class, FILE.CLASS.xml.\n"
    "Exit codes: 0 a profile was written, with warnings if nodes are missing; 5 no node answered, "
    "or\n"
    "MPI or the disk failed us; 3 bad spool, 2 wrong usage, 1 internal error.";

std::optional<std::string> look_up(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
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

void add_options(CLI::App& app, ProbeOptions& options) {
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
    app.add_option("--timeout", options.timeout.value, "seconds to wait for a node's answer")
        ->check(CLI::Range(1.0, 3600.0))
        ->capture_default_str();
    app.add_option("--spool", options.spool,
                   "where nodes leave reports that outlive them (a shared folder); FILE.spool");
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

void print(const ProbeReport& report, const ProbeOptions& options) {
    warn(report);
    print_whole(options.json ? probe::to_json(report) : probe::report_text(report));
    if (!options.output.empty() && !options.json)
        print_whole("wrote        " + options.output + "\n");
}

void save(const ProbeReport& report, const ProbeOptions& options) {
    if (report.classes.empty())
        throw Error(ExitCode::environment, "no node answered", "give them longer with --timeout");
    if (!options.output.empty()) probe::write_profile(report, options.output);
}

int probe_alone(const ProbeOptions& options) {
    const std::string host = probe::own_host_name();
    const NodeSurvey survey = survey_of(probe::probe_own_node(options, look_up, host));
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> library{};
    int length = 0;
    MPI_Get_library_version(library.data(), &length);
    ProbeReport report =
        probe::report_of_surroundings(look_up, measure::run_command, library.data());
    report.full = !options.quick;
    report.classes = probe::found_classes(survey);
    report.launch.unmeasured = "one process was started, without a launcher";
    report.network.unmeasured = "one node";
    save(report, options);
    print(report, options);
    return 0;
}

int probe_with_mpi(const ProbeOptions& options) {
    mpi::ProbeSetting setting;
    setting.lookup = look_up;
    setting.bound_by_mpirun = look_up("OMPI_COMM_WORLD_SIZE").has_value();
    setting.deliver = [&](const ProbeReport& report) { save(report, options); };
    std::optional<mpi::Environment> environment;
    environment.emplace();
    const mpi::ProbeEnd end = mpi::probe_as_rank(options, setting);
    if (end.report) {
        print(*end.report, options);
        if (!options.spool.empty()) probe::Spool(options.spool).remove();
    }
    if (end.all_live) return 0;
    // MPI_Finalize would wait for those who are lost.
    std::fflush(nullptr);
    std::_Exit(0);
}

int probe_nodes(const ProbeOptions& options) {
    return run::processes_launched(look_up) == 1 ? probe_alone(options) : probe_with_mpi(options);
}

}  // namespace

int main(int argc, char** argv) {
    amorsize::measure::prepare_process();
    ProbeOptions options;
    CLI::App app("Measures nodes and writes what amorsize-advise plans with.", "amorsize-probe");
    add_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    if (options.spool.empty() && !options.output.empty()) options.spool = options.output + ".spool";
    try {
        return probe_nodes(options);
    } catch (const Error& error) {
        say(fmt::format("amorsize-probe: {}\n", error.what()));
        if (!error.hint.empty()) say(fmt::format("  hint: {}\n", error.hint));
        return static_cast<int>(error.code);
    } catch (const std::exception& error) {
        say(fmt::format("amorsize-probe: internal error: {}\n", error.what()));
        return static_cast<int>(ExitCode::internal);
    }
}
