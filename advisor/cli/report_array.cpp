#include "advisor/cli/report_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "advisor/cli/report_plan.hpp"
#include "advisor/core/text.hpp"
#include "advisor/io/plan_file.hpp"
#include "advisor/io/run_report_json.hpp"

namespace amorsize::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostNamed = 10;

/// The reports of the elements that have left one, by element.
using Reports = std::map<int, run::RunReport>;

Reports read_reports(const fs::path& folder, int elements) {
    Reports reports;
    for (int element = 0; element < elements; ++element) {
        const fs::path report = folder / fmt::format("element.{}", element) / "report.json";
        std::error_code ignored;
        if (fs::exists(report, ignored))
            reports.emplace(element, run::read_run_report(report.string()));
    }
    return reports;
}

std::string listed(const std::vector<int>& elements) {
    std::string text;
    for (std::size_t i = 0; i < std::min(elements.size(), kMostNamed); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ", ", elements[i]);
    if (elements.size() > kMostNamed)
        text += fmt::format(" and {} more", elements.size() - kMostNamed);
    return text;
}

struct Total {
    std::int64_t done = 0;
    std::int64_t failed = 0;
    double first_start = 0;  ///< seconds since 1970
    double last_end = 0;
    Seconds shortest;
    Seconds longest;
    std::vector<int> unfinished;  ///< elements without a report, stopped or broken
    std::vector<int> with_failures;
};

Total add_up(const Reports& reports, int elements) {
    Total total;
    for (int element = 0; element < elements; ++element) {
        const auto found = reports.find(element);
        if (found == reports.end()) {
            total.unfinished.push_back(element);
            continue;
        }
        const run::RunReport& report = found->second;
        const bool first = total.last_end == 0;
        total.done += report.done;
        total.failed += report.failed;
        total.first_start = first ? report.started : std::min(total.first_start, report.started);
        total.last_end = std::max(total.last_end, report.started + report.wall.value);
        total.shortest = first ? report.wall : std::min(total.shortest, report.wall);
        total.longest = std::max(total.longest, report.wall);
        if (report.failed > 0) total.with_failures.push_back(element);
        const bool ended =
            report.end == run::RunEnd::complete || report.end == run::RunEnd::items_failed;
        if (!ended) total.unfinished.push_back(element);
    }
    return total;
}

std::string to_text(const PlannedJob& job, const Reports& reports, const Total& total) {
    const ArrayPlan& array = *job.plan.request.array;
    const Prediction& predicted = job.plan.predicted;
    const std::int64_t missing = job.items - total.done - total.failed;
    std::string text = fmt::format("{}: {} of {} items done", job.job.name,
                                   amorsize::to_text(total.done), amorsize::to_text(job.items));
    if (total.failed > 0) text += fmt::format(", {} failed", amorsize::to_text(total.failed));
    if (missing > 0) text += fmt::format(", {} missing", amorsize::to_text(missing));
    text += fmt::format(" ({} of {} elements ended)\n",
                        array.elements - static_cast<int>(total.unfinished.size()), array.elements);
    const auto expected = [&](const WallTime& wall) {
        if (!predicted.item_times) return std::string();
        return fmt::format(" (predicted {}, {} at 95 %)", amorsize::to_text(wall.p50),
                           amorsize::to_text(wall.p95));
    };
    text += fmt::format("  time       {} from the first start to the last end{}\n",
                        amorsize::to_text(Seconds{total.last_end - total.first_start}),
                        expected(predicted.wall));
    text += fmt::format("  elements   {} to {} each, {} with a report{}\n",
                        amorsize::to_text(total.shortest), amorsize::to_text(total.longest),
                        reports.size(), expected(array.element));
    if (!total.with_failures.empty())
        text += fmt::format("  failed     in element {}: {}.run/element.NUMBER.failed\n",
                            listed(total.with_failures), job.job.name);
    if (!total.unfinished.empty())
        text += fmt::format(
            "  missing    element {}: submit the script again, those that are done "
            "end at once\n",
            listed(total.unfinished));
    return text;
}

std::string to_json(const PlannedJob& job, const Reports& reports, const Total& total) {
    Json list = Json::array();
    for (const auto& [element, report] : reports) {
        Json one = Json::parse(run::to_json(report));
        list.push_back({{"element", element}, {"report", std::move(one)}});
    }
    const Json json{{"name", job.job.name},
                    {"items", job.items},
                    {"done", total.done},
                    {"failed", total.failed},
                    {"elements", job.plan.request.array->elements},
                    {"unfinished", total.unfinished},
                    {"wall_seconds", total.last_end - total.first_start},
                    {"reports", std::move(list)}};
    return json.dump(2) + "\n";
}

}  // namespace

std::optional<std::string> array_report(const std::string& plan, bool json) {
    const fs::path whole = run_report_beside(plan);
    std::error_code ignored;
    if (fs::exists(whole, ignored) || !fs::exists(plan, ignored)) return std::nullopt;
    const PlannedJob job = read_plan(plan);
    if (!job.plan.request.array) return std::nullopt;
    const int elements = job.plan.request.array->elements;
    const Reports reports = read_reports(whole.parent_path(), elements);
    if (reports.empty()) return std::nullopt;
    const Total total = add_up(reports, elements);
    return json ? to_json(job, reports, total) : to_text(job, reports, total);
}

}  // namespace amorsize::cli
