#include "advisor/cli/report_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "advisor/cli/report_jobs.hpp"
#include "advisor/cli/report_run.hpp"
#include "advisor/core/error.hpp"
#include "advisor/io/run_report_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace amorsize;

namespace {

namespace fs = std::filesystem;

/// A folder that a job was submitted from, with a plan and, if wished, what its run left.
class SubmitFolder {
public:
    void add_plan(const std::string& name) const {
        std::ifstream golden(AMORSIZE_TEST_DATA "/golden/one-node/expected.plan.yaml");
        std::string text{std::istreambuf_iterator<char>(golden), {}};
        for (auto at = text.find('@'); at != std::string::npos; at = text.find('@'))
            text.replace(at, text.find('@', at + 1) + 1 - at, "/nowhere");  // "@JOB@", "@BIN@"
        std::ofstream(plan(name)) << text;
    }
    void add_run(const std::string& name, const std::string& job) const {
        run::RunReport report;
        report.name = name;
        report.slurm_job = job;
        report.items = report.done = 10;
        report.wall = Seconds{600};
        fs::create_directory(folder_.file(name + ".run"));
        std::ofstream(folder_.file(name + ".run/report.json")) << run::to_json(report);
    }
    std::string plan(const std::string& name) const { return folder_.file(name + ".plan.yaml"); }
    std::string path() const { return folder_.path(); }

private:
    TemporaryFolder folder_;
};

/// sacct as it answers of one job submitted from `folder` by `submit_line`.
CommandPort accounting(const std::string& folder, const std::string& submit_line,
                       const std::string& lines = "") {
    return [=](const std::vector<std::string>& argv, Seconds) -> CommandResult {
        const auto asks = [&](const char* word) {
            return std::find(argv.begin(), argv.end(), word) != argv.end();
        };
        if (asks("--format=WorkDir")) return {0, folder + "\n", "", false};
        if (asks("--format=SubmitLine")) return {0, submit_line + "\n", "", false};
        if (asks("--duplicates") && !lines.empty())
            return {0, "JobID|JobIDRaw|State|Elapsed|Timelimit|NNodes|AllocCPUS|JobName\n" + lines,
                    "", false};
        return {1, "", "no accounting here", false};
    };
}

slurm::JobRecord job_named(const std::string& name) {
    slurm::JobRecord job;
    job.id = job.raw_id = "7";
    job.name = name;
    return job;
}

}  // namespace

TEST_CASE("a job's plan is the one of its name, or of its script's") {
    SubmitFolder folder;
    folder.add_plan("sim");
    folder.add_plan("other");
    const auto found = [&](const std::string& name, const std::string& submit_line) {
        return cli::plan_of_job(job_named(name), "", accounting(folder.path(), submit_line));
    };
    CHECK(found("sim", "sbatch sim.sbatch").path == folder.plan("sim"));
    CHECK(found("sim", "sbatch other.sbatch").path == folder.plan("sim"));
    CHECK(found("renamed", "sbatch -J renamed other.sbatch").path == folder.plan("other"));
    CHECK(found("a|b\nc", "sbatch other.sbatch").path == folder.plan("other"));
    const cli::PlanOfJob none = found("../sim", "sbatch --wrap=true");
    CHECK(none.path.empty());
    CHECK(none.note.find("--plan FILE names it") != std::string::npos);
    CHECK(found("absent", "sbatch absent.sbatch").path.empty());
}

TEST_CASE("without the job's folder no plan is looked for") {
    const cli::PlanOfJob none = cli::plan_of_job(job_named("sim"), "", accounting("", ""));
    CHECK(none.path.empty());
    CHECK(none.note.find("does not tell the job's folder") != std::string::npos);
}

TEST_CASE("a run's report counts only for its own job") {
    SubmitFolder folder;
    folder.add_plan("sim");
    const CommandPort port = accounting(folder.path(), "sbatch sim.sbatch");
    CHECK(cli::plan_of_job(job_named("sim"), "", port).note.find("left no report.json") !=
          std::string::npos);
    folder.add_run("sim", "8");
    const cli::PlanOfJob others = cli::plan_of_job(job_named("sim"), "", port);
    CHECK_FALSE(others.evidence.run);
    CHECK(others.note.find("is of job 8") != std::string::npos);
    fs::remove_all(fs::path(folder.path()) / "sim.run");
    folder.add_run("sim", "7");
    CHECK(cli::plan_of_job(job_named("sim"), "", port).evidence.run);
}

TEST_CASE("a plan that was named must be one, a plan that was found need not") {
    SubmitFolder folder;
    std::ofstream(folder.plan("sim")) << "amorsize: 1\nno: plan\n";
    const CommandPort port = accounting(folder.path(), "sbatch sim.sbatch");
    CHECK_THROWS_AS(cli::plan_of_job(job_named("sim"), folder.plan("sim"), port), Error);
    CHECK_FALSE(cli::plan_of_job(job_named("sim"), "", port).note.empty());
    CHECK_THROWS_WITH(cli::run_report_beside("123x"), "123x is neither a job's id nor a plan");
}

TEST_CASE("a plan's last run comes with the accounting of its job, as text and as JSON") {
    SubmitFolder folder;
    folder.add_plan("sim");
    folder.add_run("sim", "7");
    const CommandPort port = accounting(folder.path(), "sbatch sim.sbatch",
                                        "7|7|COMPLETED|00:10:05|01:00:00|1|2|si|m\n"
                                        "7.batch|7.batch|COMPLETED|00:10:05||1|2|batch\n");
    const std::string text = cli::last_run_report(folder.plan("sim"), false, port);
    CHECK(text.find("7 si|m: COMPLETED") != std::string::npos);
    const auto json = nlohmann::json::parse(cli::last_run_report(folder.plan("sim"), true, port));
    CHECK(json["done"] == 10);
    REQUIRE(json["accounting"].size() == 1);
    CHECK(json["accounting"][0]["name"] == "si|m");
    CHECK(json["accounting"][0]["plan"] == folder.plan("sim"));
    CHECK(json["accounting"][0]["run"]["slurm_job"] == "7");
}

TEST_CASE("a run without accounting is reported all the same") {
    SubmitFolder folder;
    folder.add_plan("sim");
    folder.add_run("sim", "7");
    const CommandPort port = accounting(folder.path(), "sbatch sim.sbatch");
    CHECK(cli::last_run_report(folder.plan("sim"), false, port).find("no accounting here") !=
          std::string::npos);
    const auto json = nlohmann::json::parse(cli::last_run_report(folder.plan("sim"), true, port));
    CHECK(json["accounting"].is_null());
    CHECK(json["accounting_note"] == "sacct failed (1): no accounting here");
    SubmitFolder alone;
    alone.add_plan("sim");
    alone.add_run("sim", "");
    const auto local = nlohmann::json::parse(cli::last_run_report(alone.plan("sim"), true, port));
    CHECK(local["accounting"].is_null());
    CHECK_FALSE(local.contains("accounting_note"));
}

TEST_CASE("of a requeued job the run's report is the last start's") {
    SubmitFolder folder;
    folder.add_plan("sim");
    folder.add_run("sim", "7");
    const CommandPort port = accounting(folder.path(), "sbatch sim.sbatch",
                                        "7|7|NODE_FAIL|00:02:00|01:00:00|1|2|sim\n"
                                        "7|7|COMPLETED|00:10:05|01:00:00|1|2|sim\n");
    cli::JobsOptions options;
    options.job = "7";
    options.json = true;
    const auto jobs = nlohmann::json::parse(cli::jobs_report(options, port))["jobs"];
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[0]["run"].is_null());
    CHECK(jobs[0]["note"] == "the run's report is of the job's last start");
    CHECK(jobs[1]["run"]["slurm_job"] == "7");
}
