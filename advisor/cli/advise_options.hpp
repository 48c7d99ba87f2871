#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "advisor/core/manifest.hpp"
#include "advisor/core/past_runs.hpp"

namespace amorsize::cli {

enum class Format { text, json };

/// The command line of amorsize-advise. What is absent leaves the manifest's value alone.
struct AdviseOptions {
    std::string manifest;
    bool local = false;
    std::string cluster_file;
    std::string samples_file;
    bool no_sample = false;
    bool no_history = false;
    bool probe = false;
    Seconds wait{600};                    ///< for compute nodes to measure and run the sample on
    bool observe_here = false;            ///< we are the part that runs there
    std::optional<Expectation> expected;  ///< of the items run there
    int nodes_like = 1;                   ///< how many such nodes the job may have
    std::optional<double> smt_yield;      ///< of them, where it is known
    std::optional<std::string> goal;
    std::optional<std::string> strategy;
    std::optional<std::string> launcher;
    std::optional<int> nodes;
    std::optional<std::string> partition;
    std::optional<std::string> time;
    std::optional<double> risk;
    std::optional<double> headroom;
    std::string output = ".";
    std::string report;  ///< file of the page; empty: none
    bool plot = false;
    bool dry_run = false;
    bool explain = false;
    bool submit = false;
    std::uint64_t seed = 0;
    Format format = Format::text;
};

/// Parses the arguments. Nothing if --help or --version was answered; throws Error (usage)
/// otherwise.
std::optional<AdviseOptions> parse_advise_options(int argc, char** argv);

/// The manifest with the command line's limits and choices in place of its own. Throws Error
/// (usage).
Manifest with_options(Manifest, const AdviseOptions&);

}  // namespace amorsize::cli
