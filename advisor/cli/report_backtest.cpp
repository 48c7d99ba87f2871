#include "advisor/cli/report_backtest.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/read_file.hpp"
#include "advisor/io/trace_reader.hpp"
#include "slurm/sacct.hpp"

namespace amorsize::cli {

namespace {

constexpr std::size_t kLargestTrace = std::size_t{4} << 30;

std::vector<TraceTask> trace_from(const std::vector<slurm::JobRecord>& jobs) {
    std::vector<TraceTask> trace;
    std::int64_t row = 0;
    for (const slurm::JobRecord& job : jobs) {
        ++row;
        if (!job.succeeded() || !job.peak_per_node) continue;
        TraceTask task;
        task.row = row;
        task.group = job.name;
        task.peak = *job.peak_per_node;
        task.seconds = job.elapsed;
        task.requested = job.requested_per_node;
        trace.push_back(std::move(task));
    }
    return trace;
}

std::vector<TraceTask> read_trace(const std::string& path) {
    const std::string text = read_text_file(path, "trace", kLargestTrace);
    std::vector<TraceTask> trace = slurm::looks_like_sacct(text)
                                       ? trace_from(slurm::parse_sacct(text, path))
                                       : parse_trace(text, path);
    if (trace.empty()) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{}: no finished task with a measured peak", path),
                    "sacct shows peaks only where jobs' steps are accounted (JobAcctGatherType)");
    }
    return trace;
}

std::string rows_text(const std::vector<TraceTask>& trace, const RuleOutcome& outcome) {
    std::string text = "row,request\n";
    auto out = std::back_inserter(text);
    for (std::size_t i = 0; i < trace.size(); ++i) {
        fmt::format_to(out, "{},", trace[i].row);
        const char* separator = "";
        for (const Bytes request : outcome.requests[i]) {
            fmt::format_to(out, "{}{}", std::exchange(separator, ";"), request.value);
        }
        text += '\n';
    }
    return text;
}

std::string amount(double gib_hours) {
    return gib_hours >= 100 ? fmt::format("{:.0f}", gib_hours) : fmt::format("{:.3g}", gib_hours);
}

std::string as_text(const Backtest& result, const BacktestOptions& options) {
    std::string text = fmt::format("{}: {} tasks of {} groups used {} GiB h\n\n", options.trace,
                                   result.tasks, result.groups, amount(result.used_gib_hours));
    text += fmt::format("  {:<16} {:>14} {:>14} {:>8} {:>8}\n", "rule", "wasted GiB h",
                        "of what it took", "kills", "tasks");
    for (const RuleOutcome& rule : result.rules) {
        const double all = rule.wasted_gib_hours + result.used_gib_hours;
        text += fmt::format("  {:<16} {:>14} {:>13.1f} % {:>8} {:>8}\n", rule.rule,
                            amount(rule.wasted_gib_hours),
                            all > 0 ? 100 * rule.wasted_gib_hours / all : 0, rule.kills,
                            result.tasks - rule.never_fitted);
    }
    text +=
        "\nwasted: memory-time asked for and not used, and all that killed attempts held. A kill "
        "is taken to come\n"
        "after the task's full time. Each request knows only the rows above its own; a group's "
        "first is its user's,\n"
        "and with amorsize a share of it once other groups' first tasks needed less.\n";
    if (const std::int64_t large = result.rules.front().never_fitted; large > 0) {
        text += fmt::format("{} tasks peaked above --node-memory ({:.1f} GiB) and are left out.\n",
                            large, options.policy.node_memory / kGiB);
    }
    return text;
}

std::string as_json(const Backtest& result, const BacktestOptions& options) {
    nlohmann::ordered_json json{{"trace", options.trace},
                                {"tasks", result.tasks},
                                {"groups", result.groups},
                                {"used_gib_hours", result.used_gib_hours},
                                {"node_memory_bytes", options.policy.node_memory.value},
                                {"rules", nlohmann::ordered_json::array()}};
    for (const RuleOutcome& rule : result.rules) {
        json["rules"].push_back({{"rule", rule.rule},
                                 {"wasted_gib_hours", rule.wasted_gib_hours},
                                 {"kills", rule.kills},
                                 {"tasks", result.tasks - rule.never_fitted},
                                 {"never_fitted", rule.never_fitted}});
    }
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string backtest_report(const BacktestOptions& options) {
    const std::vector<TraceTask> trace = read_trace(options.trace);
    const Backtest result = backtest(trace, options.policy);
    if (!options.rows_file.empty()) {
        write_file_atomically(options.rows_file, rows_text(trace, result.rules.front()));
    }
    return options.json ? as_json(result, options) : as_text(result, options);
}

}  // namespace amorsize::cli
