#include "advisor/cli/report_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <vector>

#include "advisor/core/text.hpp"
#include "advisor/io/history.hpp"
#include "advisor/io/run_columns.hpp"

namespace amorsize::cli {

namespace {

/// Quoted where a spreadsheet would otherwise see two cells.
std::string cell(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char letter : text)
        quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return quoted + "\"";
}

template <class Unit, class Rep>
std::string cell(const std::optional<Quantity<Unit, Rep>>& quantity) {
    return quantity ? fmt::format("{}", quantity->value) : std::string();
}

/// The header of a trace first, so that an exported history can be replayed by --backtest.
std::string as_csv(const std::vector<FinishedRun>& runs) {
    std::string text =
        "group,input_bytes,peak_rss_bytes,seconds,requested_bytes,predicted_"
        "seconds,finished_at,"
        "outcome,binary,arguments,partition_class\n";
    for (const FinishedRun& run : runs) {
        const JobIdentity& job = run.instance.job;
        text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", cell(job.command),
                            cell(run.instance.input), cell(run.peak), run.seconds.value,
                            cell(run.planned.memory), cell(run.predicted), run.finished_at,
                            cell(name_of(run.outcome)), cell(job.binary), cell(job.arguments),
                            cell(job.partition_class));
    }
    return text;
}

struct JobSummary {
    std::int64_t runs = 0;
    double seconds = 0;
    std::optional<Bytes> largest_peak;
};

std::string as_table(const std::vector<FinishedRun>& runs, std::int64_t begun, bool json) {
    std::map<std::tuple<std::string, std::string, std::string>, JobSummary> jobs;
    for (const FinishedRun& run : runs) {
        const JobIdentity& same = run.instance.job;
        JobSummary& job = jobs[{same.command, same.arguments, same.partition_class}];
        ++job.runs;
        job.seconds += run.seconds.value;
        job.largest_peak = std::max(job.largest_peak, run.peak);
    }
    std::string text =
        fmt::format("{:>6} {:>12} {:>14}  {}\n", "runs", "mean time", "largest peak", "job");
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& [key, job] : jobs) {
        const auto& [command, arguments, partition_class] = key;
        const double mean = job.seconds / static_cast<double>(job.runs);
        text += fmt::format("{:>6} {:>12} {:>14}  {} {} ({})\n", job.runs, to_text(Seconds{mean}),
                            job.largest_peak ? to_text(*job.largest_peak) : "unknown", command,
                            arguments, partition_class);
        list.push_back({{"command", command},
                        {"arguments", arguments},
                        {"partition_class", partition_class},
                        {"runs", job.runs},
                        {"mean_seconds", mean},
                        {"largest_peak_bytes", job.largest_peak
                                                   ? nlohmann::ordered_json(job.largest_peak->value)
                                                   : nlohmann::ordered_json()}});
    }
    if (begun > 0)
        text += fmt::format("\nbegun, and not known to have ended: {}\n", counted(begun, "run"));
    if (!json) return text;
    return nlohmann::ordered_json{{"jobs", list}, {"begun", begun}}.dump(
               2, ' ', false, nlohmann::json::error_handler_t::replace) +
           "\n";
}

}  // namespace

std::string history_report(const std::string& action, const std::string& path, bool json) {
    History history(path);
    if (action == "clear") {
        const std::int64_t forgotten = history.clear();
        return json ? fmt::format("{{\"forgotten\": {}}}\n", forgotten)
                    : fmt::format("forgot {} runs\n", forgotten);
    }
    return action == "export" ? as_csv(history.all())
                              : as_table(history.all(), history.count_begun(), json);
}

}  // namespace amorsize::cli
