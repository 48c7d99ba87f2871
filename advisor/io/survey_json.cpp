#include "advisor/io/survey_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "advisor/core/error.hpp"

namespace amorsize {

namespace {

using Json = nlohmann::json;

constexpr int kVersion = 3;

Json values_json(const std::vector<HostValue>& values) {
    Json json = Json::array();
    for (const HostValue& value : values) {
        Json entry = {value.value, value.host};
        if (!value.note.empty()) entry.push_back(value.note);
        json.push_back(std::move(entry));
    }
    return json;
}

std::vector<HostValue> values_from(const Json& json) {
    std::vector<HostValue> values;
    for (const Json& entry : json) {
        values.push_back({entry.at(0).get<double>(), entry.at(1).get<std::string>(),
                          entry.size() > 2 ? entry.at(2).get<std::string>() : ""});
    }
    return values;
}

Json figure_json(const FigureSummary& summary) {
    Json bins = Json::array();
    for (const auto& [bin, nodes] : summary.bins()) bins.push_back({bin, nodes});
    // Of few nodes both ends hold all.
    const bool same = summary.count() == static_cast<std::int64_t>(summary.lowest().size());
    return Json::array({std::move(bins), values_json(summary.lowest()),
                        same ? Json::array() : values_json(summary.highest())});
}

FigureSummary figure_from(const Json& json) {
    FigureSummary::Bins bins;
    for (const Json& entry : json.at(0))
        bins[entry.at(0).get<int>()] = entry.at(1).get<std::int64_t>();
    std::vector<HostValue> lowest = values_from(json.at(1));
    std::vector<HostValue> highest = values_from(json.at(2));
    if (highest.empty()) highest.assign(lowest.rbegin(), lowest.rend());
    const bool counts =
        std::all_of(bins.begin(), bins.end(), [](const auto& bin) { return bin.second > 0; });
    if (!counts || bins.empty() || lowest.empty())
        throw Error(ExitCode::bad_input, "a figure of no nodes makes no sense");
    return FigureSummary::restored(std::move(bins), std::move(lowest), std::move(highest));
}

HostList hosts_from(const Json& json) {
    auto hosts = HostList::parse(json.get_ref<const std::string&>());
    if (!hosts) throw Error(ExitCode::bad_input, "a list of nodes makes no sense");
    return *std::move(hosts);
}

Json cross_json(const CrossBandwidth& cross) {
    return {cross.domain, cross.memory_node, cross.rate.value, cross.spread.value};
}

CrossBandwidth cross_from(const Json& json) {
    return {json.at(0).get<int>(), json.at(1).get<int>(), BytesPerSecond{json.at(2).get<double>()},
            Fraction{json.at(3).get<double>()}};
}

Json group_json(const NodeGroup& group) {
    Json domains = Json::array();
    for (const Bytes memory : group.memory_per_domain) domains.push_back(memory.value);
    Json figures = Json::object();
    for (int i = 0; i < kNodeFigures; ++i) {
        const auto which = static_cast<NodeFigure>(i);
        if (!group.figure(which).empty())
            figures[probe::key_of(which)] = figure_json(group.figure(which));
    }
    Json spreads = Json::object();
    for (const SpreadField& field : kSpreadFields)
        if (const auto& spread = group.spread.*field.spread) spreads[field.name] = spread->value;
    Json cross = Json::array();
    for (const CrossBandwidth& one : group.cross_bandwidth) cross.push_back(cross_json(one));
    return {{"hardware", group.hardware},
            {"usable", group.usable},
            {"family", group.family},
            {"described", group.described},
            {"hardware_threads", group.hardware_threads},
            {"gpus", group.gpus},
            {"hosts", group.hosts.text()},
            {"sample", group.sample_host},
            {"xml", group.topology_xml.size()},
            {"memory", group.memory.value},
            {"domains", std::move(domains)},
            {"figures", std::move(figures)},
            {"spreads", std::move(spreads)},
            {"cross", std::move(cross)},
            {"remarks", group.remarks.counts()}};
}

NodeGroup group_from(const Json& json) {
    NodeGroup group;
    json.at("hardware").get_to(group.hardware);
    json.at("usable").get_to(group.usable);
    json.at("family").get_to(group.family);
    json.at("described").get_to(group.described);
    json.at("hardware_threads").get_to(group.hardware_threads);
    json.at("gpus").get_to(group.gpus);
    group.hosts = hosts_from(json.at("hosts"));
    if (group.hosts.empty()) throw Error(ExitCode::bad_input, "a class has no nodes");
    json.at("sample").get_to(group.sample_host);
    group.memory = {json.at("memory").get<std::int64_t>()};
    for (const Json& domain : json.at("domains"))
        group.memory_per_domain.push_back({domain.get<std::int64_t>()});
    const Json& figures = json.at("figures");
    for (int i = 0; i < kNodeFigures; ++i) {
        const auto which = static_cast<NodeFigure>(i);
        const auto found = figures.find(probe::key_of(which));
        if (found != figures.end()) group.figure(which) = figure_from(*found);
    }
    const Json& spreads = json.at("spreads");
    for (const SpreadField& field : kSpreadFields)
        if (spreads.contains(field.name))
            group.spread.*field.spread = Fraction{spreads.at(field.name).get<double>()};
    for (const Json& cross : json.at("cross")) group.cross_bandwidth.push_back(cross_from(cross));
    for (const auto& [text, nodes] : json.at("remarks").items())
        group.remarks.add(text, nodes.get<std::int64_t>());
    return group;
}

NodeSurvey survey_from(const Json& json, std::string_view blobs) {
    if (json.at("survey").get<int>() != kVersion)
        throw Error(ExitCode::bad_input, "it is of another version of amorsize-probe");
    NodeSurvey survey;
    survey.ranks = hosts_from(json.at("ranks"));
    for (const auto& [text, nodes] : json.at("troubles").items())
        survey.troubles.add(text, nodes.get<std::int64_t>());
    for (const Json& entry : json.at("groups")) {
        NodeGroup group = group_from(entry);
        const auto length = entry.at("xml").get<std::size_t>();
        if (length > blobs.size()) throw Error(ExitCode::bad_input, "a topology is cut short");
        group.topology_xml = std::string(blobs.substr(0, length));
        blobs.remove_prefix(length);
        survey = fold(std::move(survey), survey_of(std::move(group)));
    }
    return survey;
}

}  // namespace

std::string encode(const NodeSurvey& survey) {
    Json groups = Json::array();
    for (const auto& [key, group] : survey.groups) groups.push_back(group_json(group));
    const Json json = {{"survey", kVersion},
                       {"ranks", survey.ranks.text()},
                       {"troubles", survey.troubles.counts()},
                       {"groups", std::move(groups)}};
    std::string bytes = json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    for (const auto& [key, group] : survey.groups) bytes += group.topology_xml;
    return bytes;
}

NodeSurvey decode_survey(std::string_view bytes, const std::string& origin) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    try {
        return survey_from(Json::parse(bytes.substr(0, end)),
                           bytes.substr(std::min(end + 1, bytes.size())));
    } catch (const std::exception& error) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{} is no node report: {}", origin, error.what()),
                    "write it anew with amorsize-probe of the same version");
    }
}

namespace probe {

namespace {

using Ordered = nlohmann::ordered_json;

template <class Q>
Ordered measured_json(const char* unit, const Measured<Q>& figure) {
    return {{unit, figure.value.value}, {"spread", figure.spread.value}};
}

Ordered class_json(const FoundClass& found) {
    const NodeGroup& nodes = found.nodes;
    Ordered json = {{"name", found.name},
                    {"nodes", nodes.hosts.text()},
                    {"count", nodes.hosts.size()},
                    {"hardware", nodes.hardware},
                    {"usable", nodes.usable},
                    {"described", nodes.described},
                    {"hardware_threads", nodes.hardware_threads},
                    {"gpus", nodes.gpus},
                    {"memory_bytes", nodes.memory.value}};
    Ordered figures = Ordered::object();
    for (int i = 0; i < kNodeFigures; ++i) {
        const auto which = static_cast<NodeFigure>(i);
        const FigureSummary& summary = nodes.figure(which);
        if (summary.empty()) continue;
        figures[key_of(which)] = {{"nodes", summary.count()},
                                  {"median", summary.median()},
                                  {"lowest", summary.lowest().front().value},
                                  {"lowest_node", summary.lowest().front().host},
                                  {"highest", summary.highest().front().value},
                                  {"highest_node", summary.highest().front().host}};
        if (const auto spread = spread_of(nodes.spread, which))
            figures[key_of(which)]["spread"] = spread->value;
    }
    json["figures"] = std::move(figures);
    for (const CrossBandwidth& cross : nodes.cross_bandwidth) {
        json["cross_bandwidth"].push_back({{"node", nodes.sample_host},
                                           {"domain", cross.domain},
                                           {"memory_node", cross.memory_node},
                                           {"bytes_per_second", cross.rate.value},
                                           {"spread", cross.spread.value}});
    }
    json["remarks"] = Ordered(nodes.remarks.counts());
    return json;
}

Ordered outlier_json(const Outlier& outlier) {
    return {{"class", outlier.node_class},   {"figure", key_of(outlier.figure)},
            {"nodes", outlier.hosts.text()}, {"further", outlier.further},
            {"value", outlier.value},        {"median", outlier.median},
            {"note", outlier.note}};
}

Ordered launch_json(const LaunchReport& launch) {
    Ordered json = {{"launcher", launch.launcher}, {"points", Ordered::array()}};
    for (const LaunchPoint& point : launch.points) {
        json["points"].push_back({{"nodes", point.nodes},
                                  {"ranks", point.ranks},
                                  {"seconds", point.time.value.value},
                                  {"spread", point.time.spread.value},
                                  {"repetitions", point.repetitions}});
    }
    if (launch.cost) {
        json["base_seconds"] = launch.cost->base.value;
        json["per_log2_node_seconds"] = launch.cost->per_log2_node.value;
        json["per_rank_seconds"] = launch.cost->per_rank.value;
        json["largest_error_seconds"] = launch.largest_error.value;
    }
    if (!launch.unmeasured.empty()) json["unmeasured"] = launch.unmeasured;
    return json;
}

Ordered network_json(const NetworkReport& network) {
    Ordered json = {{"links", Ordered::array()}};
    for (const LinkFigures& link : network.links) {
        json["links"].push_back({{"from", link.from},
                                 {"to", link.to},
                                 {"latency", measured_json("seconds", link.latency)},
                                 {"bandwidth", measured_json("bytes_per_second", link.bandwidth)}});
    }
    if (!network.unmeasured.empty()) json["unmeasured"] = network.unmeasured;
    return json;
}

}  // namespace

std::string to_json(const ProbeReport& report) {
    Ordered json = {{"cluster", report.cluster}, {"partition", report.partition}};
    if (report.slurm_version) json["slurm_version"] = *report.slurm_version;
    if (report.mpi) {
        json["mpi"] = {{"name", report.mpi->name},
                       {"version", report.mpi->version},
                       {"srun_types", report.mpi->srun_types}};
    }
    json["measured"] = report.full;
    json["classes"] = Ordered::array();
    for (const FoundClass& found : report.classes) json["classes"].push_back(class_json(found));
    json["outliers"] = Ordered::array();
    for (const Outlier& outlier : report.outliers)
        json["outliers"].push_back(outlier_json(outlier));
    json["missing"] = report.missing.text();
    json["launch"] = launch_json(report.launch);
    json["network"] = network_json(report.network);
    json["warnings"] = report.warnings;
    json["seconds"] = {{"all", report.took.value},
                       {"nodes", report.nodes_took.value},
                       {"network", report.network_took.value},
                       {"launches", report.launches_took.value}};
    return json.dump(2, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

}  // namespace probe

}  // namespace amorsize
