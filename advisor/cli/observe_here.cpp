#include "advisor/cli/observe_here.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "advisor/cli/program.hpp"
#include "advisor/io/items.hpp"
#include "advisor/io/manifest_reader.hpp"
#include "advisor/measure/node_report.hpp"

namespace amorsize::cli {

namespace fs = std::filesystem;

namespace {

/// A line of its own to whoever started us; a carriage return ends what an earlier one left open.
void report(const std::string& what) {
    tell(fmt::format("\r\033[K{}\r", what));
}

void require_visible(const fs::path& path, const std::string& name, const std::string& node) {
    std::error_code unreadable;
    if (fs::exists(path, unreadable)) return;
    throw Error(ExitCode::environment, fmt::format("{} is not visible on node {}", name, node),
                "put it where every node sees it: a home or project folder, not one that each "
                "machine has for itself, as /tmp");
}

/// The program may be one that only a `module load` of the prelude brings; a path must be there.
void require_visible(const Manifest& manifest, const std::string& node) {
    require_visible(manifest.directory, "the job's folder " + manifest.directory, node);
    if (manifest.command.shell) return;
    const std::string& program = manifest.command.argv.front();
    const bool fixed =
        program.find('/') != std::string::npos && program.find_first_of("{$") == std::string::npos;
    if (fixed) require_visible(fs::path(manifest.directory) / program, program, node);
}

/// As many nodes like this one as the job may have: what "serial" is judged by while sampling.
Cluster nodes_like(const NodeClass& here, int count) {
    Cluster cluster;
    cluster.classes = {here};
    Partition all;
    all.name = "like this node";
    all.is_default = true;
    all.nodes = {{0, count}};
    cluster.partitions = {all};
    return cluster;
}

void visit(const AdviseOptions& options, const Surroundings& surroundings, NodeFindings& findings) {
    require_visible(options.manifest, options.manifest, findings.node);
    const Manifest manifest = with_options(read_manifest(options.manifest), options);
    require_visible(manifest, findings.node);
    const auto grant =
        measure::slurm_grant([&](const std::string& name) { return surroundings.variable(name); });
    const measure::NodeQuick quick = measure::measure_quick(grant);
    NodeClass here = measure::node_class(quick, "here");
    here.measured.smt_yield = options.smt_yield;
    const ItemList items(manifest.items, manifest.directory);
    Surroundings reporting = surroundings;
    reporting.progress_to_terminal = true;
    findings.observed = observe_job(manifest, nodes_like(here, options.nodes_like), items, here,
                                    options.seed, options.expected, reporting);
}

}  // namespace

NodeFindings observe_here(const AdviseOptions& options, const Surroundings& surroundings) {
    NodeFindings findings;
    findings.node = surroundings.variable("SLURMD_NODENAME").value_or("here");
    report("started on node " + findings.node);
    try {
        visit(options, surroundings, findings);
    } catch (const Error& error) {
        findings.error = error;
    } catch (const std::exception& fault) {
        findings.error = Error(ExitCode::internal, fault.what());
    }
    return findings;
}

}  // namespace amorsize::cli
