#include "advisor/io/run_report_json.hpp"

#include <nlohmann/json.hpp>

#include "advisor/core/error.hpp"
#include "advisor/io/plan_words.hpp"
#include "advisor/io/read_file.hpp"

namespace amorsize::run {

namespace {

constexpr std::size_t kLargest = std::size_t{256} << 20;

const char* name_of(RunEnd end) {
    switch (end) {
        case RunEnd::complete:
            return "complete";
        case RunEnd::items_failed:
            return "items_failed";
        case RunEnd::stopped:
            return "stopped";
        case RunEnd::broken:
            return "broken";
    }
    return "?";
}

RunEnd end_of_name(const std::string& name) {
    for (const RunEnd end : {RunEnd::complete, RunEnd::items_failed, RunEnd::stopped}) {
        if (name == name_of(end)) return end;
    }
    return RunEnd::broken;
}

nlohmann::ordered_json number_or_null(const std::optional<double>& number) {
    return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
}

nlohmann::ordered_json number_or_null(const std::optional<Fraction>& share) {
    return share ? nlohmann::ordered_json(share->value) : nlohmann::ordered_json();
}

Source source_of_word(const std::string& wanted) {
    for (const auto& [word, source] : sources()) {
        if (wanted == word) return source;
    }
    return Source::assumed;
}

RankFigures rank_of(const nlohmann::json& json) {
    RankFigures rank;
    rank.rank = json.at("rank");
    const std::string host = json.at("host");
    host.copy(rank.host, sizeof rank.host - 1);
    rank.workers = json.at("workers");
    rank.workers_at_end = json.at("workers_at_end");
    rank.stopped_by = json.at("stopped_by_signal");
    rank.done = json.at("done");
    rank.failed = json.at("failed");
    rank.retries = json.at("retries");
    rank.memory_kills = json.at("memory_kills");
    rank.withdrawn = json.at("withdrawn");
    rank.chunks = json.at("chunks");
    rank.started = json.at("started_after_seconds");
    rank.seconds = json.at("seconds");
    rank.busy = json.at("item_seconds");
    rank.longest = json.at("longest_item_seconds");
    rank.user = json.at("user_seconds");
    rank.system = json.at("system_seconds");
    rank.waiting_for_chunks = json.at("waiting_for_chunks_seconds");
    rank.idle_at_end = json.at("idle_at_end_seconds");
    rank.peak_kib = json.at("peak_rss_bytes").get<std::int64_t>() / 1024;
    rank.own_peak_kib = json.at("own_peak_rss_bytes").get<std::int64_t>() / 1024;
    return rank;
}

nlohmann::ordered_json predicted_json(const Prediction& predicted) {
    using Json = nlohmann::ordered_json;
    const auto& times = predicted.item_times;
    const Json wall{{"p50", predicted.wall.p50.value}, {"p95", predicted.wall.p95.value}};
    return {{"item_times", times ? Json(word_of(*times, sources())) : Json()},
            {"wall_seconds", times ? wall : Json()},
            {"serial_seconds", times ? Json(predicted.serial.value) : Json()},
            {"speedup", number_or_null(predicted.speedup)},
            {"core_hours", times ? Json(predicted.core_hours) : Json()},
            {"busy", number_or_null(predicted.busy)},
            {"memory_per_node_bytes", predicted.memory_per_node.value},
            {"memory_once_bytes", predicted.memory_once.value},
            {"memory_in_common_bytes", predicted.memory_in_common.value}};
}

/// Times count from the start of the run.
RunReport report_of(const nlohmann::json& json) {
    RunReport report;
    report.name = json.at("name");
    report.slurm_job = json.value("slurm_job", "");
    report.program = json.value("program", false);
    report.end = end_of_name(json.at("end"));
    report.trouble = json.at("trouble");
    report.run = json.at("run");
    report.items = json.at("items");
    report.done = json.at("done");
    report.done_before = json.at("done_before");
    report.failed = json.at("failed");
    report.wall = Seconds{json.at("measured").at("wall_seconds")};
    for (const nlohmann::json& rank : json.at("ranks")) report.ranks.push_back(rank_of(rank));
    const nlohmann::json& predicted = json.at("predicted");
    if (const auto& wall = predicted.at("wall_seconds"); !wall.is_null()) {
        report.predicted.item_times = source_of_word(predicted.value("item_times", ""));
        report.predicted.wall = {Seconds{wall.at("p50")}, Seconds{wall.at("p95")}};
        report.predicted.serial = Seconds{predicted.at("serial_seconds")};
        report.predicted.core_hours = predicted.at("core_hours");
    }
    if (const auto& speedup = predicted.at("speedup"); !speedup.is_null())
        report.predicted.speedup = speedup;
    if (const auto& busy = predicted.at("busy"); !busy.is_null())
        report.predicted.busy = Fraction{busy};
    report.predicted.memory_per_node = Bytes{predicted.at("memory_per_node_bytes")};
    report.predicted.memory_once = Bytes{predicted.value("memory_once_bytes", std::int64_t{0})};
    report.predicted.memory_in_common =
        Bytes{predicted.value("memory_in_common_bytes", std::int64_t{0})};
    return report;
}

}  // namespace

std::string to_json(const RunReport& report) {
    const TimeShares shares = time_shares(report);
    nlohmann::ordered_json ranks = nlohmann::ordered_json::array();
    for (const RankFigures& rank : report.ranks) {
        ranks.push_back({{"rank", rank.rank},
                         {"host", std::string(rank.host)},
                         {"workers", rank.workers},
                         {"workers_at_end", rank.workers_at_end},
                         {"stopped_by_signal", rank.stopped_by},
                         {"done", rank.done},
                         {"failed", rank.failed},
                         {"retries", rank.retries},
                         {"memory_kills", rank.memory_kills},
                         {"withdrawn", rank.withdrawn},
                         {"chunks", rank.chunks},
                         {"started_after_seconds", rank.started - report.started},
                         {"seconds", rank.seconds},
                         {"item_seconds", rank.busy},
                         {"longest_item_seconds", rank.longest},
                         {"user_seconds", rank.user},
                         {"system_seconds", rank.system},
                         {"waiting_for_chunks_seconds", rank.waiting_for_chunks},
                         {"idle_at_end_seconds", rank.idle_at_end},
                         {"peak_rss_bytes", rank.peak_kib * 1024},
                         {"own_peak_rss_bytes", rank.own_peak_kib * 1024}});
    }
    nlohmann::ordered_json json{
        {"name", report.name},
        {"slurm_job", report.slurm_job},
        {"program", report.program},
        {"end", name_of(report.end)},
        {"trouble", report.trouble},
        {"run", report.run},
        {"items", report.items},
        {"done", report.done},
        {"done_before", report.done_before},
        {"failed", report.failed},
        {"missing", report.items - report.done - report.failed},
        {"measured",
         {{"wall_seconds", report.wall.value},
          {"speedup", speedup(report)},
          {"balance", balance(report)},
          {"item_seconds", sum(report, &RankFigures::busy)},
          {"longest_item_seconds", largest(report, &RankFigures::longest)},
          {"peak_rss_bytes", largest(report, &RankFigures::peak_kib) * 1024},
          {"workers", sum(report, &RankFigures::workers)},
          {"ranks", report.ranks.size()},
          {"shares",
           {{"items", shares.items},
            {"start", shares.start},
            {"waiting_for_chunks", shares.chunks},
            {"idle_at_end", shares.tail},
            {"between", shares.between}}}}},
        {"predicted", predicted_json(report.predicted)},
        {"ranks", ranks}};
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

RunReport read_run_report(const std::string& path) {
    const std::string text = read_text_file(path, "report of a run", kLargest);
    try {
        return report_of(nlohmann::json::parse(text));
    } catch (const nlohmann::json::exception& error) {
        throw Error(ExitCode::bad_input, path + " is not the report of a run: " + error.what(),
                    "amorsize-run writes it at its end: run the plan again to renew it");
    }
}

}  // namespace amorsize::run
