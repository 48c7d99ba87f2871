#include "advisor/io/measured_line.hpp"

#include <nlohmann/json.hpp>

namespace amorsize {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kMarker = "amorsize-measured: ";

Json number(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

Json number(const std::optional<Seconds>& time) {
    return time ? Json(time->value) : Json();
}

std::optional<double> number_of(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

std::optional<Seconds> seconds_of(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(Seconds{json.get<double>()});
}

Json figures_json(const NodeFigures& figures) {
    const SpawnCost spawn = figures.spawn.value_or(SpawnCost{});
    Json json{{"smt_yield", number(figures.smt_yield)},
              {"all_core_speed", number(figures.all_core_speed)},
              {"spawn", {number(spawn.exec), number(spawn.fork_per_gib), number(spawn.thread)}}};
    if (const auto& bandwidth = figures.bandwidth_per_numa)
        json["bandwidth"] = {
            bandwidth->one_core.value, bandwidth->saturated.value,
            bandwidth->saturating_cores ? Json(*bandwidth->saturating_cores) : Json()};
    if (figures.node_spread) json["node_spread"] = figures.node_spread->value;
    for (const SpreadField& field : kSpreadFields)
        if (const auto& spread = figures.spread.*field.spread)
            json["spread"][field.name] = spread->value;
    return json;
}

NodeFigures figures_of(const Json& json) {
    NodeFigures figures;
    figures.smt_yield = number_of(json.at("smt_yield"));
    figures.all_core_speed = number_of(json.at("all_core_speed"));
    const Json& spawn = json.at("spawn");
    figures.spawn =
        SpawnCost{seconds_of(spawn.at(0)), seconds_of(spawn.at(1)), seconds_of(spawn.at(2))};
    if (json.contains("bandwidth")) {
        const Json& bandwidth = json.at("bandwidth");
        figures.bandwidth_per_numa =
            DomainBandwidth{{bandwidth.at(0).get<double>()}, {bandwidth.at(1).get<double>()}};
        if (const Json& cores = bandwidth.at(2); !cores.is_null())
            figures.bandwidth_per_numa->saturating_cores = cores.get<int>();
    }
    if (json.contains("node_spread"))
        figures.node_spread = Fraction{json.at("node_spread").get<double>()};
    const Json spreads = json.value("spread", Json::object());
    for (const SpreadField& field : kSpreadFields)
        if (spreads.contains(field.name))
            figures.spread.*field.spread = Fraction{spreads.at(field.name).get<double>()};
    return figures;
}

HostList hosts_of(const Json& json) {
    return HostList::parse(json.get<std::string>()).value_or(HostList());
}

MeasuredCluster measured_of(const Json& json) {
    MeasuredCluster measured;
    for (const Json& one : json.at("classes")) {
        measured.classes.push_back({hosts_of(one.at("hosts")), figures_of(one.at("figures")),
                                    one.at("one_core_rate").get<double>(),
                                    one.at("topology").get<std::string>()});
    }
    measured.missing = hosts_of(json.at("missing"));
    if (json.contains("launch")) {
        const Json& launch = json.at("launch");
        measured.launch = LaunchCost{{launch.at(0).get<double>()},
                                     {launch.at(1).get<double>()},
                                     {launch.at(2).get<double>()}};
    }
    measured.dispatch = seconds_of(json.at("dispatch"));
    if (json.contains("mpi"))
        measured.mpi = MpiFacts{
            json.at("mpi").at(0).get<std::string>(), json.at("mpi").at(1).get<std::string>(), {}};
    json.at("remarks").get_to(measured.remarks);
    return measured;
}

}  // namespace

std::string measured_line(const MeasuredCluster& measured) {
    Json json{{"classes", Json::array()},
              {"missing", measured.missing.text()},
              {"dispatch", number(measured.dispatch)},
              {"remarks", measured.remarks}};
    for (const MeasuredClass& one : measured.classes) {
        json["classes"].push_back({{"hosts", one.hosts.text()},
                                   {"figures", figures_json(one.figures)},
                                   {"one_core_rate", one.one_core_rate},
                                   {"topology", one.topology_xml}});
    }
    if (const auto& launch = measured.launch)
        json["launch"] = {launch->base.value, launch->per_log2_node.value, launch->per_rank.value};
    if (measured.mpi) json["mpi"] = {measured.mpi->name, measured.mpi->version};
    return std::string(kMarker) + json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<MeasuredCluster> find_measured(std::string_view printed) {
    const std::size_t at = printed.rfind(kMarker);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view line = printed.substr(at + kMarker.size());
    line = line.substr(0, line.find('\n'));
    try {
        return measured_of(Json::parse(line));
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

}  // namespace amorsize
