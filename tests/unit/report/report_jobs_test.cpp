#include "advisor/cli/report_jobs.hpp"

#include <algorithm>

#include "advisor/cli/job_verdicts.hpp"
#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

const std::string kHeader =
    "JobID|JobName|User|Partition|State|Elapsed|Timelimit|NNodes|AllocCPUS|NTasks|ReqMem|MaxRSS|"
    "TotalCPU|"
    "TRESUsageInTot\n";

CommandPort answering(const std::string& lines, int status = 0) {
    return [=](const std::vector<std::string>& argv, Seconds) {
        const bool main_query = std::find(argv.begin(), argv.end(), "--duplicates") != argv.end();
        if (!main_query) return CommandResult{1, "", "not here", false};
        return CommandResult{status, kHeader + lines, "slurmdbd is down", false};
    };
}

std::string report_on(const std::string& lines) {
    cli::JobsOptions options;
    options.job = "7";
    return cli::jobs_report(options, answering(lines));
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a wasteful job is told what to ask for") {
    const std::string text = report_on(
        "7|sim|ann|main|COMPLETED|00:10:00|10:00:00|1|8||64G||00:20:00|\n"
        "7.batch|batch||main|COMPLETED|00:10:00||1|8|1||8G|00:20:00|\n");
    CHECK(says(text, "set --mem=9831M"));  // 8 GiB and a fifth
    CHECK(says(text, "set --time=00:12:00"));
    CHECK(says(text, "set --cpus-per-task=2"));
    CHECK(says(text, "8 GiB of 64 GiB a node used; 56 GiB idle for 10 min = 9.33 GiB h"));
}

TEST_CASE("memory that a plan asked for because it belongs to its cores is left as it is") {
    slurm::JobRecord job;
    job.state = "COMPLETED";
    job.elapsed = Seconds{600};
    job.requested_per_node = kGiB * 64;
    job.peak_per_node = kGiB * 8;
    PlannedJob planned;
    planned.plan.request.mem_mib_per_node = 65536;
    planned.plan.predicted.memory_per_node = kGiB * 9;
    const auto verdict = [&] {
        return cli::judge({job}, cli::Evidence{planned, std::nullopt, Seconds{30}}).front();
    };
    CHECK(verdict().directive.empty());
    CHECK(says(verdict().reason, "--mem=9831M would do"));
    planned.plan.predicted.memory_per_node = kGiB * 60;
    CHECK(verdict().directive == "--mem=9831M");
    job.requested_per_node = kGiB * 65;
    planned.plan.predicted.memory_per_node = kGiB * 9;
    CHECK(verdict().directive == "--mem=9831M");
}

TEST_CASE("only what ran out is grown") {
    const std::string memory =
        report_on("7|sim|ann|main|OUT_OF_MEMORY|00:10:00|01:00:00|1|1||4G||00:09:00|\n");
    CHECK(says(memory, "--mem=8192M"));
    CHECK_FALSE(says(memory, "--time"));
    const std::string time = report_on(
        "7|sim|ann|main|TIMEOUT|01:00:00|01:00:00|1|1||4G||00:59:00|\n"
        "7.batch|batch|||CANCELLED|01:00:00||1|1|1||3.5G||\n");
    CHECK(says(time, "--time=02:00:00"));
    CHECK_FALSE(says(time, "--mem"));
}

TEST_CASE("a job that fits is left as it is") {
    CHECK(says(report_on("7|sim|ann|main|COMPLETED|00:50:00|01:00:00|1|1||4G||00:49:00|\n"
                         "7.batch|batch|||COMPLETED|00:50:00||1|1|1||3.5G||\n"),
               "what was asked for fits what was used"));
}

TEST_CASE("many jobs are a table with their waste") {
    cli::JobsOptions options;
    options.since = "now-7days";
    const std::string text = cli::jobs_report(
        options, answering("7|sim|ann|main|COMPLETED|01:00:00||1|4||9G||02:00:00|\n"
                           "7.batch|batch|||COMPLETED|01:00:00||1|4|1||1G||\n"
                           "8|sim|bob|main|RUNNING|01:00:00||1|4||9G||02:00:00|\n"));
    CHECK(says(text, "2 jobs; asked for and not used: 2 core hours, 8 GiB hours"));
}

TEST_CASE("many jobs that are not there are named by what was looked for") {
    cli::JobsOptions options;
    options.user = "ann";
    options.partition = "short";
    CHECK_THROWS_WITH(cli::jobs_report(options, answering("")),
                      "accounting knows no job of user ann in partition short since midnight");
}

TEST_CASE("what sacct does not understand is answered with what it takes") {
    cli::JobsOptions options;
    options.since = "yesterday";
    try {
        cli::jobs_report(options, [](const auto&, Seconds) {
            CommandResult answer;
            answer.status = 1;
            answer.err = "Invalid time specification (pos=0): yesterday\n\n";
            return answer;
        });
        FAIL("taken for a time");
    } catch (const Error& error) {
        CHECK(std::string(error.what()) ==
              "sacct failed (1): Invalid time specification (pos=0): yesterday");
        CHECK(says(error.hint, "now-7days"));
    }
}

TEST_CASE("a silent accounting and an unknown job are environment errors") {
    cli::JobsOptions options;
    options.job = "7";
    CHECK_THROWS_WITH(cli::jobs_report(options, answering("", 1)),
                      "sacct failed (1): slurmdbd is down");
    CHECK_THROWS_WITH(cli::jobs_report(options, answering("")), "accounting knows no job 7");
}

TEST_CASE("sacct is asked for the job alone, and for others' jobs unless a user is named") {
    std::vector<std::string> asked;
    const CommandPort port = [&](const std::vector<std::string>& argv, Seconds) {
        if (std::find(argv.begin(), argv.end(), "--duplicates") == argv.end())
            return CommandResult{};
        asked = argv;
        return CommandResult{0, kHeader + "7|sim|ann|main|RUNNING|00:00:01||1|1||||00:00:01|\n", "",
                             false};
    };
    const auto holds = [&](const std::string& argument) {
        return std::find(asked.begin(), asked.end(), argument) != asked.end();
    };
    cli::JobsOptions options;
    options.job = "7";
    cli::jobs_report(options, port);
    CHECK(holds("--jobs=7"));
    CHECK_FALSE(holds("--allusers"));
    options.job.clear();
    options.partition = "main";
    cli::jobs_report(options, port);
    CHECK(holds("--partition=main"));
    CHECK(holds("--allusers"));
}

TEST_CASE("an end that the request is not to blame for changes nothing") {
    for (const char* state :
         {"PREEMPTED", "NODE_FAIL", "CANCELLED by 1000", "FAILED", "REQUEUED"}) {
        const std::string text = report_on(std::string("7|sim|ann|main|") + state +
                                           "|01:00:00|10:00:00|1|8||64G||00:20:00|\n"
                                           "7.batch|batch||||01:00:00||1|8|1||1G|00:20:00|\n");
        CHECK_FALSE(says(text, "set --"));
        CHECK(says(text, "job: "));
    }
}

TEST_CASE("a low peak of a job killed for memory is called too low") {
    const std::string text = report_on(
        "7|sim|ann|main|OUT_OF_MEMORY|00:10:00|10:00:00|1|1||4G||00:09:00|\n"
        "7.batch|batch||main|OUT_OF_MEMORY|00:10:00||1|1|1||100M|00:09:00|\n");
    CHECK(says(text, "ran out of memory at 4 GiB a node; the 100 MiB accounted are too low"));
    CHECK(says(text, "set --mem=8192M"));
    CHECK_FALSE(says(text, "set --time"));
}

TEST_CASE("an array is judged by its largest element, and grown for those that ran out") {
    const std::string first =
        "7_1|sim|ann|main|COMPLETED|00:10:00|00:20:00|1|1||4G||00:09:00|\n"
        "7_1.batch|batch||main|COMPLETED|00:10:00||1|1|1||1G|00:09:00|\n";
    const std::string done =
        report_on(first +
                  "7_2|sim|ann|main|COMPLETED|00:10:00|00:20:00|1|1||4G||00:09:00|\n"
                  "7_2.batch|batch||main|COMPLETED|00:10:00||1|1|1||2G|00:09:00|\n");
    CHECK(says(done, "7 (2 elements) sim: 2 COMPLETED"));
    CHECK(says(done, "set --mem=2458M"));
    const std::string killed =
        report_on(first + "7_2|sim|ann|main|TIMEOUT|00:20:00|00:20:00|1|1||4G||00:09:00|\n");
    CHECK(says(killed, "1 of 2 elements: ended by the time limit"));
    CHECK(says(killed, "set --time=00:40:00"));
    CHECK_FALSE(says(killed, "set --mem"));
}

TEST_CASE("a job that goes on or was not accounted gets no invented figures") {
    const std::string running =
        report_on("7|sim|ann|main|RUNNING|01:00:00|10:00:00|1|8||64G||00:00:00|\n");
    CHECK(says(running, "it has not ended"));
    CHECK_FALSE(says(running, "set --"));
    const std::string bare =
        report_on("7|sim|ann|main|COMPLETED|00:50:00|01:00:00|1|8||64G||00:00:00|\n");
    CHECK(says(bare, "no peak was accounted"));
    CHECK_FALSE(says(bare, "set --"));
}

TEST_CASE("CPUs a task are cut, never to the CPUs of all tasks") {
    const std::string text = report_on(
        "7|mpi|ann|main|COMPLETED|00:50:00|01:00:00|1|16||4G||02:00:00|\n"
        "7.0|mpi||main|COMPLETED|00:50:00||1|16|4||1G|02:00:00|\n");
    CHECK(says(text, "2.4 of 16 CPUs busy"));
    CHECK(says(text, "set --cpus-per-task=1 "));
}

TEST_CASE("names of jobs spoil neither the table nor the JSON") {
    cli::JobsOptions options;
    options.since = "now-1days";
    const CommandPort port = answering(
        "7|a|b|ann|main|COMPLETED|01:00:00||1|2||1G||02:00:00|\n"
        "8|\x1b[31mred\xff|ann|main|COMPLETED|01:00:00||1|2||1G||02:00:00|\n"
        "9|\xe6\xa8\xa1\xe6\x93\xac|ann|main|PENDING|00:00:00||1|2||1G||00:00:00|\n");
    const std::string text = cli::jobs_report(options, port);
    CHECK(says(text, "a|b"));
    CHECK(says(text, " [31mred"));
    CHECK(says(text, "\xe6\xa8\xa1\xe6\x93\xac"));
    options.json = true;
    const std::string json = cli::jobs_report(options, port);
    CHECK(says(json, "\"name\": \"a|b\""));
    CHECK(says(json, "\\u001b[31mred\xef\xbf\xbd"));
}

TEST_CASE("many jobs come worst first") {
    cli::JobsOptions options;
    options.user = "ann";
    const std::string text = cli::jobs_report(
        options, answering("7|small|ann|main|COMPLETED|01:00:00||1|2||1G||02:00:00|\n"
                           "8|large|ann|main|COMPLETED|01:00:00||1|9||1G||02:00:00|\n"));
    CHECK(text.find("large") < text.find("small"));
    CHECK(says(text, "without accounted memory or CPU time: 2"));
}
