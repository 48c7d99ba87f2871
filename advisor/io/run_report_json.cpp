#include "advisor/io/run_report_json.hpp"

#include <nlohmann/json.hpp>

namespace amorsize::run {

namespace {

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

}  // namespace

std::string to_json(const RunReport& report) {
    const TimeShares shares = time_shares(report);
    nlohmann::ordered_json ranks = nlohmann::ordered_json::array();
    for (const RankFigures& rank : report.ranks) {
        ranks.push_back({{"rank", rank.rank},
                         {"host", std::string(rank.host)},
                         {"workers", rank.workers},
                         {"workers_at_end", rank.workers_at_end},
                         {"done", rank.done},
                         {"failed", rank.failed},
                         {"retries", rank.retries},
                         {"memory_kills", rank.memory_kills},
                         {"chunks", rank.chunks},
                         {"seconds", rank.seconds},
                         {"item_seconds", rank.busy},
                         {"user_seconds", rank.user},
                         {"system_seconds", rank.system},
                         {"waiting_for_chunks_seconds", rank.waiting_for_chunks},
                         {"idle_at_end_seconds", rank.idle_at_end},
                         {"peak_rss_bytes", rank.peak_kib * 1024},
                         {"own_peak_rss_bytes", rank.own_peak_kib * 1024}});
    }
    nlohmann::ordered_json json{
        {"name", report.name},
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
            {"handling", shares.handling}}}}},
        {"predicted",
         {{"wall_seconds",
           {{"p50", report.predicted.wall.p50.value}, {"p95", report.predicted.wall.p95.value}}},
          {"serial_seconds", report.predicted.serial.value},
          {"speedup", report.predicted.speedup.value_or(1)},
          {"core_hours", report.predicted.core_hours},
          {"busy", report.predicted.busy.value},
          {"memory_per_node_bytes", report.predicted.memory_per_node.value}}},
        {"ranks", ranks}};
    return json.dump(2) + "\n";
}

}  // namespace amorsize::run
