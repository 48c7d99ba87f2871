#include "advisor/cli/report_run.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "advisor/cli/report_array.hpp"
#include "advisor/cli/report_jobs.hpp"
#include "advisor/cli/report_plan.hpp"
#include "advisor/core/error.hpp"
#include "advisor/io/run_report_json.hpp"

namespace amorsize::cli {

namespace {

using Json = nlohmann::ordered_json;

/// What accounting says of a run's job; why not, if it says nothing.
struct Accounting {
    std::string report;
    std::string note;
};

Accounting accounting_of(const std::string& job, const std::string& plan, bool json,
                         const CommandPort& run) {
    if (job.empty()) return {};
    JobsOptions options;
    options.job = job;
    options.plan = plan;
    options.json = json;
    try {
        return {jobs_report(options, run), ""};
    } catch (const Error& error) {
        if (error.code != ExitCode::environment) throw;
        return {"", error.what()};
    }
}

}  // namespace

std::string last_run_report(const std::string& plan, bool json, const CommandPort& run) {
    if (const auto array = array_report(plan, json)) return *array;
    const run::RunReport report = run::read_run_report(run_report_beside(plan));
    const Accounting accounting = accounting_of(report.slurm_job, plan, json, run);
    if (!json) {
        std::string text = run::to_text(report);
        if (!accounting.report.empty()) text += "\n" + accounting.report;
        if (!accounting.note.empty())
            text += fmt::format("  job        {}: {}\n", report.slurm_job, accounting.note);
        return text;
    }
    Json whole = Json::parse(run::to_json(report));
    whole["accounting"] =
        accounting.report.empty() ? Json() : Json::parse(accounting.report)["jobs"];
    if (!accounting.note.empty()) whole["accounting_note"] = accounting.note;
    return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace amorsize::cli
