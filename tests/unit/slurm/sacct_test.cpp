#include "slurm/sacct.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

namespace {

std::string capture(const std::string& name) {
    std::ifstream file(std::string(AMORSIZE_TEST_DATA "/data/slurm/") + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("memory is read in every spelling of sacct") {
    CHECK(accounted_memory("123456K") == kKiB * 123456);
    CHECK(accounted_memory("1.50G") == Bytes{3 * kGiB.value / 2});
    CHECK(accounted_memory("4Gn") == 4 * kGiB);
    CHECK(accounted_memory("2000Mc") == 2000 * kMiB);
    CHECK(accounted_memory("4096") == Bytes{4096});
    for (const char* nothing : {"", "0n", "0", "?", "-1K", "nanG", "9e99E", "K"}) {
        CHECK_FALSE(accounted_memory(nothing));
    }
}

TEST_CASE("times are read in every spelling of sacct") {
    CHECK(accounted_time("00:01:02") == Seconds{62});
    CHECK(accounted_time("2-03:00:00") == Seconds{183600});
    CHECK(accounted_time("01:02.500") == Seconds{62.5});
    for (const char* nothing :
         {"", "UNLIMITED", "Partition_Limit", "INVALID", "12", "a:b", "x-01:00:00"}) {
        CHECK_FALSE(accounted_time(nothing));
    }
}

TEST_CASE("steps are folded into their job, arrays and heterogeneous parts apart") {
    const auto jobs = parse_sacct(
        "JobID|JobName|State|Elapsed|Timelimit|NNodes|AllocCPUS|NTasks|ReqMem|MaxRSS|TotalCPU\n"
        "7|sim|COMPLETED|00:10:00|01:00:00|2|32||64G||02:00:00\n"
        "7.batch|batch|COMPLETED|00:10:00||1|16|1||1000K|00:01.000\n"
        "7.extern|extern|COMPLETED|00:10:00||2|32|2||0|00:00:00\n"
        "7.0|sim|COMPLETED|00:09:00||2|32|8||2G|02:00:00\n"
        "8_1|arr|COMPLETED|00:00:05|UNLIMITED|1|1||4Gn||00:01.000\n"
        "8_1.batch|batch|COMPLETED|00:00:05||1|1|1||1.5G|00:01.000\n"
        "8_[2-9]|arr|PENDING|00:00:00|UNLIMITED|1|1||4Gn||00:00:00\n"
        "9+0|het|CANCELLED by 1000|00:00:05||1|2||1Gc||00:01.000\n"
        "9+1|het|COMPLETED|00:00:05||1|2||1Gc||00:01.000\n",
        "sacct");
    REQUIRE(jobs.size() == 5);
    CHECK(jobs[0].peak_per_node == 8 * kGiB);        // four tasks a node of up to 2 GiB
    CHECK(jobs[0].requested_per_node == 32 * kGiB);  // without "n" or "c" it is of the whole job
    CHECK(jobs[0].tasks == 8);
    CHECK(jobs[0].steps == 3);
    CHECK(jobs[0].cpu_time == Seconds{7200});
    CHECK(jobs[0].time_limit == Seconds{3600});
    CHECK(jobs[1].id == "8_1");
    CHECK(jobs[1].peak_per_node == Bytes{3 * kGiB.value / 2});
    CHECK_FALSE(jobs[1].time_limit);
    CHECK_FALSE(jobs[2].ended());
    CHECK(jobs[3].state == "CANCELLED");
    CHECK(jobs[4].requested_per_node == 2 * kGiB);  // 1 GiB for each of two CPUs
}

TEST_CASE("a requeued job has a record for each run") {
    const auto jobs = parse_sacct(
        "JobID|State|Elapsed|NTasks|MaxRSS\n"
        "7|NODE_FAIL|00:01:00||\n"
        "7.batch|CANCELLED|00:01:00|1|10K\n"
        "7|COMPLETED|00:02:00||\n"
        "7.batch|COMPLETED|00:02:00|1|20K\n",
        "sacct");
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[0].peak_per_node == 10 * kKiB);
    CHECK(jobs[1].peak_per_node == 20 * kKiB);
}

TEST_CASE("a job's name may hold bars and line breaks") {
    const auto middle =
        parse_sacct("JobID|JobName|State|Elapsed\n7|a|b||c|COMPLETED|00:01:00\n", "f");
    CHECK(middle.front().name == "a|b||c");
    CHECK(middle.front().state == "COMPLETED");
    const auto last = parse_sacct(
        "JobID|State|Elapsed|JobName\n"
        "7|COMPLETED|00:01:00|a|b\nc|d\n\ne\n"
        "7.0|COMPLETED|00:01:00|step\nof it\n"
        "8|FAILED|00:01:00|\xc3\xa9t\xc3\xa9 \xff\n",
        "f");
    REQUIRE(last.size() == 2);
    CHECK(last[0].name == "a|b\nc|d\ne");
    CHECK(last[0].steps == 1);
    CHECK(last[1].name == "\xc3\xa9t\xc3\xa9 \xff");
}

TEST_CASE("a job of a thousand steps is one job") {
    std::string text =
        "JobID|State|Elapsed|NTasks|MaxRSS|Start|End|NodeList|JobName\n7|COMPLETED|01:00:00|||2026-"
        "01-01T00:00:00|2026-01-01T01:00:00|n1|many\n";
    for (int step = 0; step < 1000; ++step) {
        text += "7." + std::to_string(step) + "|COMPLETED|00:00:03|1|" + std::to_string(step + 1) +
                "K|2026-01-01T00:00:00|2026-01-01T00:00:03|n1|s\n";
    }
    const auto jobs = parse_sacct(text, "f");
    REQUIRE(jobs.size() == 1);
    CHECK(jobs.front().steps == 1000);
    CHECK(jobs.front().peak_per_node == kKiB * 500500);  // all at the same time
}

TEST_CASE("a step killed for memory marks its job") {
    const auto jobs = parse_sacct(
        "JobID|State|Elapsed\n7|FAILED|00:01:00\n7.0|OUT_OF_MEMORY|00:01:00\n", "sacct");
    CHECK(jobs.front().state == "OUT_OF_MEMORY");
}

TEST_CASE("bad accounting is refused with its line") {
    CHECK(looks_like_sacct("JobID|State\n"));
    CHECK_FALSE(looks_like_sacct("group,seconds\n"));
    CHECK_THROWS_WITH(parse_sacct("JobID|State\n", "f"), "f:1: error: no column Elapsed");
    CHECK_THROWS_WITH(parse_sacct("JobID|State|Elapsed\n1|a\n", "f"),
                      "f:2: error: 2 columns, the header has 3");
    CHECK(parse_sacct("JobID|State|Elapsed\n", "f").empty());
}

TEST_CASE("a capture of a real cluster: steps side by side and one after another") {
    // Job 1 has 300 MiB on each of two nodes: four sleepers, then one of n1 (200 MiB) beside one of
    // n2, all beside the script on n1.
    const auto jobs = parse_sacct(capture("22.05/sacct.txt"), "sacct");
    REQUIRE(jobs.size() >= 3);
    CHECK(jobs[0].requested_per_node == 300 * kMiB);
    CHECK(jobs[0].peak_per_node == kKiB * (205280 + 7912));
    CHECK(jobs[0].tasks == 4);
    CHECK(jobs[0].raw_id == "1");
    CHECK(jobs[2].state == "OUT_OF_MEMORY");
    CHECK(jobs[2].peak_per_node == kKiB * 51084);  // far below the 200 MiB that it died of
    CHECK(jobs[2].requested_per_node == 200 * kMiB);
}

TEST_CASE("CPU times of ranks tell how even they were") {
    const auto jobs = parse_sacct(
        "JobID|State|Elapsed|NNodes|NTasks|MaxRSS|TRESUsageInTot|TRESUsageInMax|TRESUsageInMin\n"
        "7|COMPLETED|00:10:00|2|||||\n"
        "7.0|COMPLETED|00:10:00|2|8|10G|cpu=00:20:00,mem=24G|cpu=00:10:00,mem=10G|"
        "cpu=00:01:00,mem=2G\n",
        "sacct");
    REQUIRE(jobs.front().task_balance);
    CHECK(jobs.front().task_balance->value == Approx(0.25));
    // Not 4 x 10 GiB, nor 24 / 2: the other node's four tasks hold at least 2 GiB each.
    CHECK(jobs.front().peak_per_node == 16 * kGiB);
}
