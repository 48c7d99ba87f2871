#include "advisor/cli/report_plan.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "advisor/core/error.hpp"
#include "advisor/io/plan_file.hpp"
#include "advisor/io/run_report_json.hpp"

namespace amorsize::cli {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPlanEnding = ".plan.yaml";
constexpr std::string_view kScriptEnding = ".sbatch";

/// One column of the job's own line; "" where this release or site does not have it.
std::string ask(const CommandPort& run, const std::string& job, const std::string& column) {
    const CommandResult answer = run({"sacct", "--parsable2", "--noheader", "--allocations",
                                      "--jobs=" + job, "--format=" + column},
                                     Seconds{30});
    return answer.status == 0 ? answer.out.substr(0, answer.out.find('\n')) : "";
}

std::string script_in(const std::string& submit_line) {
    std::istringstream words(submit_line);
    for (std::string word; words >> word;) {
        if (word.ends_with(kScriptEnding)) return word;
    }
    return {};
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

std::string find_plan(const slurm::JobRecord& job, const CommandPort& run, std::string& note) {
    const fs::path folder = ask(run, job.id, "WorkDir");
    if (folder.empty()) {
        note = "no plan: this accounting does not tell the job's folder; --plan FILE names it";
        return {};
    }
    const fs::path by_name = folder / (job.name + std::string(kPlanEnding));
    if (job.name.find('/') == std::string::npos && is_there(by_name)) return by_name.string();
    if (const std::string script = script_in(ask(run, job.id, "SubmitLine")); !script.empty()) {
        const fs::path by_script =
            folder /
            (script.substr(0, script.size() - kScriptEnding.size()) + std::string(kPlanEnding));
        if (is_there(by_script)) return by_script.string();
    }
    note = fmt::format("no plan {} in {}; --plan FILE names it", by_name.filename().string(),
                       folder.string());
    return {};
}

void read_run_of(const slurm::JobRecord& job, PlanOfJob& found) {
    const std::string path = run_report_beside(found.path);
    if (!is_there(path)) {
        found.note = "the run left no report.json beside the plan";
        return;
    }
    run::RunReport report = run::read_run_report(path);
    if (report.slurm_job.empty()) {
        found.note = "the plan's last run does not say which job it was, and is left out";
    } else if (report.slurm_job != job.raw_id) {
        found.note =
            fmt::format("the plan's last run is of job {}, and is left out", report.slurm_job);
    } else {
        found.evidence.run = std::move(report);
    }
}

}  // namespace

std::string run_report_beside(const std::string& plan) {
    if (!plan.ends_with(kPlanEnding)) {
        throw Error(ExitCode::bad_input, fmt::format("{} is neither a job's id nor a plan", plan),
                    "give the id Slurm printed at sbatch, or NAME.plan.yaml");
    }
    return plan.substr(0, plan.size() - kPlanEnding.size()) + ".run/report.json";
}

PlanOfJob plan_of_job(const slurm::JobRecord& job, const std::string& plan,
                      const CommandPort& run) {
    PlanOfJob found;
    found.path = plan.empty() ? find_plan(job, run, found.note) : plan;
    if (found.path.empty()) return found;
    try {
        found.evidence.plan = read_plan(found.path);
        read_run_of(job, found);
    } catch (const Error& error) {
        if (!plan.empty()) throw;
        found.note = error.what();
    }
    return found;
}

}  // namespace amorsize::cli
