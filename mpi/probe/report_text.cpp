#include "mpi/probe/report_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisor/core/text.hpp"

namespace amorsize::probe {

namespace {

constexpr double kWorthARange = 0.1;

std::string indented(const std::string& label, const std::string& text) {
    return fmt::format("  {:<11}{}\n", label, text);
}

/// The median, how far repetitions lay apart, and the ends by name where they are far apart.
std::string figure_text(const NodeGroup& nodes, NodeFigure figure) {
    const FigureSummary& summary = nodes.figure(figure);
    const double median = summary.median();
    std::string text = text_of(figure, median);
    if (const auto spread = spread_of(nodes.spread, figure))
        text += fmt::format(" (spread {})", to_text(*spread));
    const HostValue& low = summary.lowest().front();
    const HostValue& high = summary.highest().front();
    if (summary.count() > 1 && high.value - low.value > kWorthARange * std::abs(median)) {
        text += fmt::format(" ({} on {} to {} on {})", text_of(figure, low.value), low.host,
                            text_of(figure, high.value), high.host);
    }
    return text;
}

void add_figure(std::string& line, const FoundClass& found, NodeFigure figure, const char* words) {
    if (found.nodes.figure(figure).empty()) return;
    line +=
        fmt::format("{}{} {}", line.empty() ? "" : ", ", words, figure_text(found.nodes, figure));
}

/// One core of each domain on the memory of each NUMA node, as a table in GB/s.
std::string cross_text(const NodeGroup& nodes) {
    std::map<int, std::map<int, double>> rows;
    Fraction widest;
    for (const CrossBandwidth& cross : nodes.cross_bandwidth) {
        rows[cross.domain][cross.memory_node] = cross.rate.value * 1e-9;
        widest = std::max(widest, cross.spread);
    }
    std::string text = "one core, GB/s, memory of node";
    for (const auto& [node, rate] : rows.begin()->second) text += fmt::format(" {:>5}", node);
    for (const auto& [domain, rates] : rows) {
        text += fmt::format("\n{:13}{:<30}", "", fmt::format("from domain {}", domain));
        for (const auto& [node, rate] : rates) text += fmt::format(" {:>5.1f}", rate);
    }
    return text +
           fmt::format("\n{:13}spread at most {}, on {}", "", to_text(widest), nodes.sample_host);
}

std::string class_text(const FoundClass& found) {
    const NodeGroup& nodes = found.nodes;
    std::string text = fmt::format("\nclass {}    {}: {}\n", found.name,
                                   counted(nodes.hosts.size(), "node"), nodes.hosts.text());
    text += indented("hardware", nodes.hardware);
    text +=
        indented("usable", nodes.described + ", " + figure_text(nodes, NodeFigure::usable_memory) +
                               " of " + figure_text(nodes, NodeFigure::installed_memory));
    std::string memory;
    add_figure(memory, found, NodeFigure::one_core_bandwidth, "one core");
    add_figure(memory, found, NodeFigure::saturated_bandwidth, "a NUMA domain");
    add_figure(memory, found, NodeFigure::saturating_cores, "cores for 90 % of it");
    if (!memory.empty()) text += indented("bandwidth", memory);
    if (!nodes.cross_bandwidth.empty()) text += indented("cross-NUMA", cross_text(nodes));
    std::string starts;
    add_figure(starts, found, NodeFigure::exec, "a program");
    add_figure(starts, found, NodeFigure::fork_per_gib, "fork for each GiB");
    add_figure(starts, found, NodeFigure::thread, "a thread");
    if (!starts.empty()) text += indented("starting", starts);
    std::string cores;
    if (found.figures.core_speed)
        cores = fmt::format("{} x class a's", to_text(*found.figures.core_speed));
    if (found.figures.node_spread)
        cores += fmt::format("{}between nodes {}", cores.empty() ? "" : ", ",
                             to_text(*found.figures.node_spread));
    add_figure(cores, found, NodeFigure::all_core_speed, "with all busy x");
    add_figure(cores, found, NodeFigure::smt_yield, "two threads on one x");
    if (!cores.empty()) text += indented("cores", cores);
    for (const auto& [remark, count] : nodes.remarks.counts()) {
        text += indented("note", count == nodes.hosts.size()
                                     ? remark
                                     : fmt::format("{} (on {})", remark, counted(count, "node")));
    }
    return text;
}

std::string outlier_text(const Outlier& outlier) {
    std::string text = outlier.hosts.text();
    if (outlier.further > 0) text += " and " + counted(outlier.further, "more node");
    text += fmt::format(
        ": {} {}, against {} {}", words_of(outlier.figure), text_of(outlier.figure, outlier.value),
        text_of(outlier.figure, outlier.median),
        outlier.figure == NodeFigure::installed_memory ? "of nodes like it"
                                                       : "in class " + outlier.node_class);
    if (outlier.figure == NodeFigure::core_rate) {
        text = fmt::format(
            "{}: a core {} x as fast as those of class {}",
            outlier.hosts.text() +
                (outlier.further > 0 ? " and " + counted(outlier.further, "more node") : ""),
            to_text(outlier.value / outlier.median), outlier.node_class);
    }
    if (!outlier.note.empty()) text += fmt::format(" ({})", outlier.note);
    return text;
}

std::string launch_text(const LaunchReport& launch) {
    std::string text;
    if (launch.cost) {
        text += fmt::format("{} + {} x log2(nodes) + {} x ranks, at most {} off",
                            to_text(launch.cost->base), to_text(launch.cost->per_log2_node),
                            to_text(launch.cost->per_rank), to_text(launch.largest_error));
    }
    if (!launch.unmeasured.empty()) {
        text += (text.empty() ? "not fitted: " : "; ") + launch.unmeasured;
    }
    for (const LaunchPoint& point : launch.points) {
        text += fmt::format("\n             {}, {}: {}", counted(point.nodes, "node"),
                            counted(point.ranks, "rank"), to_text(point.time.value));
    }
    return text;
}

std::string network_text(const NetworkReport& network) {
    if (network.links.empty()) return "not measured: " + network.unmeasured;
    const auto by_latency = [](const LinkFigures& a, const LinkFigures& b) {
        return a.latency.value < b.latency.value;
    };
    const auto by_bandwidth = [](const LinkFigures& a, const LinkFigures& b) {
        return a.bandwidth.value < b.bandwidth.value;
    };
    std::vector<LinkFigures> links = network.links;
    const std::size_t middle = links.size() / 2;
    std::sort(links.begin(), links.end(), by_bandwidth);
    const LinkFigures median_bandwidth = links[middle];
    const LinkFigures slowest = links.front();
    std::sort(links.begin(), links.end(), by_latency);
    std::string text =
        fmt::format("latency {}, {} (medians of {})", to_text(links[middle].latency.value),
                    to_text(median_bandwidth.bandwidth.value),
                    counted(static_cast<std::int64_t>(links.size()), "pair"));
    if (links.size() > 1) {
        text +=
            fmt::format("; slowest {} of {}-{}, latest {} of {}-{}",
                        to_text(slowest.bandwidth.value), slowest.from, slowest.to,
                        to_text(links.back().latency.value), links.back().from, links.back().to);
    }
    if (!network.unmeasured.empty()) text += "; " + network.unmeasured;
    return text;
}

}  // namespace

std::vector<std::string> warnings_of(const ProbeReport& report) {
    std::vector<std::string> lines = report.warnings;
    if (!report.missing.empty()) {
        lines.push_back(fmt::format("no answer from {}: {}", counted(report.missing.size(), "node"),
                                    report.missing.text()));
    }
    for (const Outlier& outlier : report.outliers) lines.push_back(outlier_text(outlier));
    return lines;
}

std::string report_text(const ProbeReport& report) {
    std::int64_t nodes = 0;
    for (const FoundClass& found : report.classes) nodes += found.nodes.hosts.size();
    // Of reports collected from files nobody knows how long they took.
    const Seconds took = report.nodes_took.value > 0 ? report.nodes_took : report.took;
    std::string text = fmt::format(
        "{} in {}, {}{}\n", counted(nodes, "node"),
        report.classes.size() == 1 ? "1 class" : fmt::format("{} classes", report.classes.size()),
        report.full ? "measured" : "looked at",
        took.value > 0 ? " in " + to_text(took) : std::string());
    for (const FoundClass& found : report.classes) text += class_text(found);
    text += '\n';
    if (!report.missing.empty()) text += fmt::format("missing      {}\n", report.missing.text());
    for (const Outlier& outlier : report.outliers)
        text += fmt::format("stands out   {}\n", outlier_text(outlier));
    text += fmt::format("launch       {}\n", launch_text(report.launch));
    text += fmt::format("network      {}\n", network_text(report.network));
    if (report.network_took.value > 0) {
        text += fmt::format("took         {}: nodes {}, network {}, launches {}\n",
                            to_text(report.took), to_text(report.nodes_took),
                            to_text(report.network_took), to_text(report.launches_took));
    }
    return text;
}

}  // namespace amorsize::probe
