#include "advisor/io/run_report_json.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::run;

namespace {

RunReport example() {
    RunReport report;
    report.name = "j\xff";
    report.slurm_job = "4711";
    report.end = RunEnd::stopped;
    report.trouble = "SIGTERM";
    report.items = 100;
    report.done_before = 20;
    report.done = 90;
    report.failed = 4;
    report.run = 3;
    report.wall = Seconds{12.5};
    report.predicted.item_times = Source::sampled;
    report.predicted.wall = {Seconds{9}, Seconds{11}};
    report.predicted.speedup = 3.5;
    report.predicted.busy = Fraction{0.875};
    report.predicted.memory_per_node = kGiB * 3.0;
    RankFigures rank;
    rank.rank = 1;
    rank.workers = 4;
    rank.retries = 2;
    rank.memory_kills = 1;
    rank.withdrawn = 2;
    rank.started = 0.25;
    rank.seconds = 11;
    rank.busy = 40;
    rank.longest = 3;
    rank.waiting_for_chunks = 0.5;
    rank.idle_at_end = 1;
    rank.peak_kib = 1 << 20;
    std::strcpy(rank.host, "n1");
    report.ranks = {RankFigures{rank}, rank};
    return report;
}

std::string file_with(const std::string& text) {
    const auto path = std::filesystem::temp_directory_path() / "amorsize-report-test.json";
    std::ofstream(path) << text;
    return path.string();
}

}  // namespace

TEST_CASE("a report that was written is read as it was") {
    RunReport report = example();
    const std::string path = file_with(to_json(report));
    report.name = "j\xef\xbf\xbd";
    CHECK(to_text(read_run_report(path)) == to_text(report));
    CHECK(to_json(read_run_report(path)) == to_json(report));
}

TEST_CASE("a report of a run whose time nobody knew predicts none") {
    RunReport report = example();
    report.predicted.item_times.reset();
    const std::string json = to_json(report);
    CHECK(json.find("\"wall_seconds\": null") != std::string::npos);
    CHECK_FALSE(read_run_report(file_with(json)).predicted.item_times);
}

TEST_CASE("what is no report is refused by name") {
    CHECK_THROWS_AS(read_run_report("/no/such/report.json"), Error);
    CHECK_THROWS_AS(read_run_report(file_with("{\"name\": \"j\"}")), Error);
    CHECK_THROWS_AS(read_run_report(file_with("{")), Error);
}
