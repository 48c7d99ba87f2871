#include "advisor/io/advice_json.hpp"

#include <nlohmann/json.hpp>

#include "advisor/core/explain.hpp"
#include "advisor/io/plan_words.hpp"
#include "advisor/io/strategy_json.hpp"

namespace amorsize {

namespace {

using Json = nlohmann::ordered_json;

std::int64_t whole_mib(Bytes size) {
    return (size.value + kMiB.value - 1) / kMiB.value;
}

Json layout_json(const Layout& layout) {
    return {{"nodes", layout.nodes},
            {"ranks_per_node", layout.ranks_per_node},
            {"ranks", layout.ranks()},
            {"workers_per_rank", layout.workers_per_rank},
            {"workers", layout.workers},
            {"cpus_per_worker", layout.cpus_per_worker},
            {"threads_per_core", layout.threads_per_core},
            {"chunk", layout.chunk},
            {"schedule", word_of(layout.schedule, schedules())}};
}

Json ranks_json(const std::vector<RankPlan>& ranks) {
    Json list = Json::array();
    for (const RankPlan& rank : ranks) {
        list.push_back({{"rank", rank.rank},
                        {"node_class", rank.node_class},
                        {"numa", rank.domains},
                        {"workers", rank.workers},
                        {"chunk", rank.chunk},
                        {"chunks", rank.chunks},
                        {"items", rank.items}});
    }
    return list;
}

Json request_json(const Plan& plan) {
    const Request& request = plan.request;
    Json json = {{"nodes", request.nodes},
                 {"ntasks", request.ntasks},
                 {"ntasks_per_node", request.ntasks_per_node},
                 {"cpus_per_task", request.cpus_per_task},
                 {"mem_mib_per_node", request.mem_mib_per_node},
                 {"time_limit_seconds", request.time_limit.value},
                 {"partition", request.partition},
                 {"constraint", request.constraint},
                 {"whole_node", request.whole_node},
                 {"threads_per_core", request.threads_per_core},
                 {"gpus_per_task", request.gpus_per_task}};
    if (request.pieces) {
        json["pieces"] = {{"most", request.pieces->most},
                          {"stop_after_seconds", request.pieces->stop_after.value},
                          {"grace_seconds", request.pieces->grace.value}};
    }
    if (request.array) {
        const ArrayPlan& array = *request.array;
        const bool timed = plan.predicted.item_times.has_value();
        json["array"] = {{"elements", array.elements},
                         {"at_once", array.at_once},
                         {"items_each", array.items_each},
                         {"element_seconds_p50", timed ? Json(array.element.p50.value) : Json()},
                         {"element_seconds_p95", timed ? Json(array.element.p95.value) : Json()}};
    }
    return json;
}

Json predicted_json(const Prediction& predicted) {
    const auto& times = predicted.item_times;
    const Json wall{{"p50", predicted.wall.p50.value}, {"p95", predicted.wall.p95.value}};
    return {{"item_times", times ? Json(word_of(*times, sources())) : Json()},
            {"wall_seconds", times ? wall : Json()},
            {"serial_seconds", times ? Json(predicted.serial.value) : Json()},
            {"speedup", predicted.speedup ? Json(*predicted.speedup) : Json()},
            {"core_hours", times ? Json(predicted.core_hours) : Json()},
            {"busy", predicted.busy ? Json(predicted.busy->value) : Json()},
            {"mem_mib_per_node", whole_mib(predicted.memory_per_node)},
            {"mem_mib_once", whole_mib(predicted.memory_once)},
            {"mem_mib_in_common", whole_mib(predicted.memory_in_common)},
            {"queue_seconds", predicted.queue ? Json(predicted.queue->value) : Json()}};
}

Json reason_json(const Reason& reason) {
    Json json{{"code", code(reason)}, {"text", text(reason)}};
    for (const Figure& figure : figures(reason)) {
        std::visit([&](const auto& value) { json[figure.name] = value; }, figure.value);
    }
    return json;
}

Json reasons_json(const std::vector<Reason>& reasons) {
    Json list = Json::array();
    for (const Reason& reason : reasons) list.push_back(reason_json(reason));
    return list;
}

Json alternatives_json(const std::vector<Alternative>& alternatives) {
    Json list = Json::array();
    for (const Alternative& alternative : alternatives) {
        list.push_back({{"strategy", strategy_word(alternative.plan)},
                        {"layout", layout_json(alternative.plan.layout)},
                        {"ranks", ranks_json(alternative.plan.ranks)},
                        {"request", request_json(alternative.plan)},
                        {"predicted", predicted_json(alternative.plan.predicted)},
                        {"reason", reason_json(alternative.against)}});
    }
    return list;
}

Json basis_json(const std::vector<Fact>& basis) {
    Json list = Json::array();
    for (const Fact& fact : basis) {
        list.push_back({{"name", fact.name},
                        {"value", fact.value},
                        {"source", word_of(fact.source, sources())},
                        {"origin", fact.origin}});
    }
    return list;
}

Json comparison_json(const Comparison& comparison) {
    static const yaml::Words<RowOf> words{{"layout", RowOf::layout},
                                          {"nodes_and_ranks", RowOf::ranks},
                                          {"nodes", RowOf::nodes},
                                          {"node_class", RowOf::kind}};
    Json rows = Json::array();
    for (const ComparedLayouts& row : comparison.rows) {
        rows.push_back(
            {{"node_class", row.kind},
             {"layouts", row.layouts},
             {"nodes", {row.nodes.fewest, row.nodes.most}},
             {"workers_per_node", {row.workers_per_node.fewest, row.workers_per_node.most}},
             {"best", layout_json(row.best)},
             {"wall_seconds", row.wall ? Json(row.wall->value) : Json()},
             {"core_hours", row.wall ? Json(row.core_hours) : Json()},
             {"taken", !row.against},
             {"reason", row.against ? reason_json(*row.against) : Json()}});
    }
    return {{"layouts", comparison.layouts},
            {"row_of_equal", word_of(comparison.row, words)},
            {"rows", rows}};
}

}  // namespace

Json advice_value(const Advice& advice, const LaunchArguments& launch,
                  const std::vector<std::string>& directives) {
    Json json{{"verdict", word_of(advice.verdict, verdicts())}};
    json["strategy"] = advice.plan ? Json(strategy_word(*advice.plan)) : Json();
    json["layout"] = advice.plan ? layout_json(advice.plan->layout) : Json();
    json["ranks"] = advice.plan ? ranks_json(advice.plan->ranks) : Json::array();
    json["request"] = advice.plan ? request_json(*advice.plan) : Json();
    if (advice.plan) json["request"]["directives"] = directives;
    json["launch"] = {{"srun", launch.srun}, {"mpirun", launch.mpirun}};
    json["predicted"] = advice.plan ? predicted_json(advice.plan->predicted) : Json();
    json["reasons"] = reasons_json(advice.reasons);
    json["warnings"] = reasons_json(advice.warnings);
    json["alternatives"] = alternatives_json(advice.alternatives);
    json["pareto"] = pareto_json(advice);
    json["basis"] = basis_json(advice.basis);
    return json;
}

std::string advice_json(const Manifest& manifest, const Advice& advice,
                        const LaunchArguments& launch, const std::vector<std::string>& directives,
                        const std::optional<Comparison>& comparison) {
    Json json{{"amorsize", 1}, {"name", manifest.name}};
    json.update(advice_value(advice, launch, directives));
    if (comparison) json["compared"] = comparison_json(*comparison);
    // Names that are no UTF-8 (a folder's, say) are shown with marks in place of the bytes, never
    // refused here.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace amorsize
