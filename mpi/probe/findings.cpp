#include "mpi/probe/findings.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "advisor/core/statistics.hpp"

namespace amorsize::probe {

namespace {

constexpr double kRobustDeviation = 1.4826;
constexpr std::int64_t kFewestNodes = 3;
constexpr std::int64_t kFewestForSpread = 8;

std::string class_name(std::size_t index) {
    std::string name(1, static_cast<char>('a' + index % 26));
    return index < 26 ? name : class_name(index / 26 - 1) + name;
}

std::optional<double> median_of(const NodeGroup& nodes, NodeFigure figure) {
    const FigureSummary& summary = nodes.figure(figure);
    return summary.empty() ? std::nullopt : std::optional(summary.median());
}

std::optional<Seconds> seconds_of(const NodeGroup& nodes, NodeFigure figure) {
    const auto median = median_of(nodes, figure);
    return median ? std::optional(Seconds{*median}) : std::nullopt;
}

/// How much the nodes differ, robustly: one that stands out is found by itself.
std::optional<Fraction> spread_between(const FigureSummary& figure) {
    if (figure.count() < kFewestForSpread) return std::nullopt;
    return Fraction{kRobustDeviation * figure.median_deviation() / figure.median()};
}

NodeFigures medians(const NodeGroup& nodes) {
    NodeFigures figures;
    const SpawnCost spawn{seconds_of(nodes, NodeFigure::exec),
                          seconds_of(nodes, NodeFigure::fork_per_gib),
                          seconds_of(nodes, NodeFigure::thread)};
    if (spawn.exec || spawn.fork_per_gib || spawn.thread) figures.spawn = spawn;
    const auto one = median_of(nodes, NodeFigure::one_core_bandwidth);
    const auto all = median_of(nodes, NodeFigure::saturated_bandwidth);
    // Medians of different nodes may cross where a domain has one core.
    if (one && all) figures.bandwidth_per_numa = DomainBandwidth{{*one}, {std::max(*one, *all)}};
    if (const auto cores = median_of(nodes, NodeFigure::saturating_cores); one && all && cores)
        figures.bandwidth_per_numa->saturating_cores = static_cast<int>(std::lround(*cores));
    figures.smt_yield = median_of(nodes, NodeFigure::smt_yield);
    figures.all_core_speed = median_of(nodes, NodeFigure::all_core_speed);
    figures.node_spread = spread_between(nodes.figure(NodeFigure::core_rate));
    figures.spread = nodes.spread;
    return figures;
}

void compare_core_speeds(std::vector<FoundClass>& classes) {
    if (classes.size() < 2) return;
    const auto reference = median_of(classes.front().nodes, NodeFigure::core_rate);
    for (FoundClass& found : classes) {
        const auto rate = median_of(found.nodes, NodeFigure::core_rate);
        if (reference && rate) found.figures.core_speed = *rate / *reference;
    }
}

struct Watched {
    NodeFigure figure;
    bool low_is_bad;
    double tolerance;
};
constexpr std::array<Watched, 7> kWatched = {{{NodeFigure::usable_memory, true, 0.1},
                                              {NodeFigure::one_core_bandwidth, true, 0.1},
                                              {NodeFigure::saturated_bandwidth, true, 0.1},
                                              {NodeFigure::core_rate, true, 0.1},
                                              {NodeFigure::all_core_speed, true, 0.1},
                                              {NodeFigure::exec, false, 0.5},
                                              {NodeFigure::thread, false, 0.5}}};

/// So many that of as many normal values the lowest lies beyond in one probe of twenty.
double deviations_allowed(std::int64_t nodes) {
    return std::max(3.0, normal_quantile(1 - 0.05 / static_cast<double>(nodes)));
}

std::optional<Outlier> standing_out(const FoundClass& found, const Watched& watched) {
    const FigureSummary& summary = found.nodes.figure(watched.figure);
    if (summary.count() < kFewestNodes) return std::nullopt;
    const double median = summary.median();
    const double deviation = kRobustDeviation * summary.median_deviation();
    const double allowed = std::max(watched.tolerance * std::abs(median),
                                    deviations_allowed(summary.count()) * deviation);
    const double limit = watched.low_is_bad ? median - allowed : median + allowed;
    const auto& ends = watched.low_is_bad ? summary.lowest() : summary.highest();

    Outlier outlier{found.name, watched.figure, {}, 0, 0, median, {}};
    std::int64_t named = 0;
    for (const HostValue& node : ends) {
        if (watched.low_is_bad ? node.value >= limit : node.value <= limit) break;
        if (named++ == 0) {
            outlier.value = node.value;
            outlier.note = node.note;
        }
        outlier.hosts.add(node.host);
    }
    if (named == 0) return std::nullopt;
    if (named == static_cast<std::int64_t>(FigureSummary::kNamed)) {
        const auto all =
            watched.low_is_bad ? summary.count_below(limit) : summary.count_above(limit);
        outlier.further = std::max<std::int64_t>(0, all - named);
    }
    return outlier;
}

/// A small class that differs from a larger one by less memory alone.
std::optional<Outlier> missing_memory(const FoundClass& found,
                                      const std::vector<FoundClass>& classes) {
    const auto own = median_of(found.nodes, NodeFigure::installed_memory);
    const std::int64_t count = found.nodes.hosts.size();
    for (const FoundClass& sister : classes) {
        const auto usual = median_of(sister.nodes, NodeFigure::installed_memory);
        const std::int64_t others = sister.nodes.hosts.size();
        const bool few = others >= 2 && count <= std::max<std::int64_t>(1, others / 8);
        if (sister.nodes.family != found.nodes.family || !own || !usual || *own >= *usual || !few)
            continue;
        return Outlier{found.name,
                       NodeFigure::installed_memory,
                       found.nodes.hosts,
                       0,
                       *own,
                       *usual,
                       "class " + sister.name + " is the same but for memory"};
    }
    return std::nullopt;
}

/// Four significant digits of a figure in units of `unit`: more would promise more than was seen.
double rounded(double value, double unit = 1) {
    if (value == 0) return 0;
    const double scale = std::pow(10, 3 - std::floor(std::log10(std::abs(value / unit))));
    return std::round(value / unit * scale) / scale * unit;
}

Seconds rounded(Seconds time) {
    return {rounded(time.value)};
}

BytesPerSecond rounded(BytesPerSecond rate) {
    return {rounded(rate.value, static_cast<double>(kGiB.value))};
}

void round_figures(NodeFigures& figures) {
    if (auto& spawn = figures.spawn) {
        for (auto* time : {&spawn->exec, &spawn->fork_per_gib, &spawn->thread})
            if (*time) *time = rounded(**time);
    }
    if (auto& rates = figures.bandwidth_per_numa)
        rates = {rounded(rates->one_core), rounded(rates->saturated), rates->saturating_cores};
    for (const SpreadField& field : kSpreadFields)
        if (auto& spread = figures.spread.*field.spread) spread->value = rounded(spread->value);
    for (auto* ratio : {&figures.smt_yield, &figures.core_speed, &figures.all_core_speed})
        if (*ratio) *ratio = rounded(**ratio);
}

/// Sizes by domain whose sum does not pass the node's memory: a limit on the node cuts all alike.
std::vector<Bytes> within(const std::vector<Bytes>& domains, Bytes memory) {
    Bytes sum;
    for (const Bytes domain : domains) sum += domain;
    if (sum <= memory) return domains;
    std::vector<Bytes> cut = domains;
    for (Bytes& domain : cut) domain = domain * (memory / sum);
    return cut;
}

}  // namespace

std::vector<FoundClass> found_classes(const NodeSurvey& survey) {
    std::vector<FoundClass> classes;
    for (const auto& [key, group] : survey.groups) classes.push_back({"", group, medians(group)});
    std::stable_sort(classes.begin(), classes.end(), [](const FoundClass& a, const FoundClass& b) {
        return a.nodes.hosts.size() > b.nodes.hosts.size();
    });
    for (std::size_t i = 0; i < classes.size(); ++i) classes[i].name = class_name(i);
    compare_core_speeds(classes);
    return classes;
}

std::vector<Outlier> find_outliers(const std::vector<FoundClass>& classes) {
    std::vector<Outlier> outliers;
    for (const FoundClass& found : classes) {
        if (auto outlier = missing_memory(found, classes)) outliers.push_back(*std::move(outlier));
        for (const Watched& watched : kWatched) {
            if (auto outlier = standing_out(found, watched))
                outliers.push_back(*std::move(outlier));
        }
    }
    return outliers;
}

ProbeReport with_nodes(ProbeReport report, const NodeSurvey& survey, const HostList& expected) {
    report.classes = found_classes(survey);
    report.outliers = find_outliers(report.classes);
    report.missing = expected.without(hosts_of(survey));
    for (const auto& [trouble, nodes] : survey.troubles.counts())
        report.warnings.push_back(trouble);
    return report;
}

std::optional<Seconds> dispatch_cost(const NetworkReport& network) {
    std::vector<Seconds> latencies;
    for (const LinkFigures& link : network.links) latencies.push_back(link.latency.value);
    if (latencies.empty()) return std::nullopt;
    const auto middle = latencies.begin() + static_cast<std::ptrdiff_t>(latencies.size() / 2);
    std::nth_element(latencies.begin(), middle, latencies.end());
    return *middle * 2.0;
}

MeasuredCluster measured_cluster(const ProbeReport& report, std::vector<std::string> remarks) {
    MeasuredCluster measured;
    for (const FoundClass& found : report.classes) {
        measured.classes.push_back({found.nodes.hosts, found.figures,
                                    median_of(found.nodes, NodeFigure::core_rate).value_or(0),
                                    found.nodes.topology_xml});
        measured.classes.back().figures.core_speed.reset();
    }
    measured.missing = report.missing;
    measured.launch = report.launch.cost;
    measured.dispatch = dispatch_cost(report.network);
    measured.mpi = report.mpi;
    measured.remarks = std::move(remarks);
    return measured;
}

Cluster profile_of(const ProbeReport& report, const std::string& topology_prefix) {
    Cluster cluster;
    cluster.name = report.cluster;
    cluster.slurm_version = report.slurm_version;
    cluster.mpi = report.mpi;
    if (const auto& cost = report.launch.cost) {
        cluster.launch = {rounded(cost->base), rounded(cost->per_log2_node),
                          rounded(cost->per_rank)};
    }
    if (const auto dispatch = dispatch_cost(report.network)) cluster.dispatch = rounded(*dispatch);
    Partition probed;
    probed.name = report.partition;
    probed.is_default = true;
    for (const FoundClass& found : report.classes) {
        NodeClass node;
        node.name = found.name;
        node.topology_source = topology_prefix + found.name + ".xml";
        node.memory = found.nodes.memory;
        node.memory_per_domain = within(found.nodes.memory_per_domain, node.memory);
        node.gpus = found.nodes.gpus;
        node.measured = found.figures;
        round_figures(node.measured);
        probed.nodes.push_back(
            {static_cast<int>(cluster.classes.size()), static_cast<int>(found.nodes.hosts.size())});
        cluster.classes.push_back(std::move(node));
    }
    cluster.partitions.push_back(std::move(probed));
    return cluster;
}

}  // namespace amorsize::probe
