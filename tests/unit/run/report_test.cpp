#include "advisor/core/run_report.hpp"

#include <cstring>
#include <fstream>
#include <map>

#include "mpi/run/launch.hpp"
#include "mpi/run/memory_kills.hpp"
#include "mpi/run/own_workers.hpp"
#include "mpi/run/progress.hpp"
#include "mpi/run/stream_lines.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace amorsize;
using namespace amorsize::run;

namespace {

EnvironmentLookup environment(const std::map<std::string, std::string>& values) {
    return [values](const std::string& name) {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

PlannedJob planned(int workers, int cpus) {
    PlannedJob job;
    job.plan.layout.workers_per_rank = workers;
    job.plan.layout.ranks_per_node = 2;
    job.plan.layout.workers = 2 * workers;
    job.plan.request.cpus_per_task = cpus;
    job.plan.predicted.memory_per_node = kGiB * (2.0 * workers);
    for (int rank = 0; rank < 2; ++rank) {
        job.plan.ranks.push_back({rank, "a", {}, workers, 1, 1, rank == 0 ? 300 : 100});
    }
    return job;
}

}  // namespace

TEST_CASE("a process without a launcher is alone") {
    CHECK(processes_launched(environment({})) == 1);
    CHECK(processes_launched(environment(
              {{"SLURM_JOB_ID", "7"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}})) == 1);
}

TEST_CASE("launchers say how many they started; mpirun inside a step speaks last") {
    CHECK(processes_launched(environment({{"SLURM_STEP_NUM_TASKS", "1"}})) == 1);
    CHECK(processes_launched(environment({{"SLURM_STEP_NUM_TASKS", "8"}, {"PMIX_RANK", "0"}})) ==
          8);
    CHECK(processes_launched(
              environment({{"OMPI_COMM_WORLD_SIZE", "4"}, {"SLURM_STEP_NUM_TASKS", "2"}})) == 4);
    CHECK(processes_launched(environment({{"PMIX_RANK", "0"}})) == std::nullopt);
}

TEST_CASE("items do not inherit the launcher's talk with its ranks") {
    const auto kept = without_launcher({"PMIX_RANK=0", "HOME=/root", "OMPI_COMM_WORLD_RANK=1",
                                        "SLURM_JOB_ID=3", "OMPI_MCA_btl=tcp,self", "PMI_RANK=2"});
    CHECK(kept ==
          std::vector<std::string>{"HOME=/root", "SLURM_JOB_ID=3", "OMPI_MCA_btl=tcp,self"});
}

TEST_CASE("a node as planned gets the planned workers and no remark") {
    const OwnWorkers own = own_workers(planned(16, 16), 0, {16, 0, std::nullopt});
    CHECK(own.workers == 16);
    CHECK(own.difference.empty());
}

TEST_CASE("a smaller node gets workers in proportion, and says so") {
    const OwnWorkers small = own_workers(planned(16, 16), 0, {4, 0, std::nullopt});
    CHECK(small.workers == 4);
    CHECK(small.difference == "4 hardware threads here, 16 in class a: 4 workers instead of 16");
    CHECK(own_workers(planned(64, 16), 0, {8, 0, std::nullopt}).workers == 32);
    CHECK(own_workers(planned(2, 16), 0, {1, 0, std::nullopt}).workers == 1);
}

TEST_CASE(
    "a larger node gets the workers planned, whatever held them down; said where it matters") {
    const OwnWorkers waiting = own_workers(planned(27, 1), 0, {2, 0, std::nullopt});
    CHECK(waiting.workers == 27);
    CHECK(waiting.difference.empty());
    const OwnWorkers larger = own_workers(planned(16, 16), 0, {24, 0, std::nullopt});
    CHECK(larger.workers == 16);
    CHECK(larger.difference == "24 hardware threads here, 16 in class a: 16 workers as planned");
    CHECK(own_workers(planned(16, 16), 0, {24, 0, kGiB * 5.0}).workers == 5);
}

TEST_CASE("a process that is alone does what the ranks of a node were to do") {
    PlannedJob job = planned(16, 16);
    job.plan.ranks[0].domains = {0};
    job.plan.ranks[1].domains = {1};
    const PlannedJob one = for_one_rank(job);
    REQUIRE(one.plan.ranks.size() == 1);
    CHECK(one.plan.ranks[0].domains == std::vector<int>{0, 1});
    CHECK(one.plan.ranks[0].items == 400);
    CHECK(own_workers(one, 0, {32, 32, kGiB * 64.0}).workers == 32);
    CHECK(own_workers(one, 0, {32, 32, kGiB * 64.0}).difference.empty());
    CHECK(own_workers(one, 0, {16, 16, std::nullopt}).workers == 16);
    CHECK(own_workers(one, 0, {32, 32, kGiB * 8.0}).workers == 8);
    job.job.mode = Mode::program;
    CHECK(for_one_rank(job).plan.ranks.size() == 2);
}

TEST_CASE("hardware threads that share the cores of fewer are told") {
    const OwnWorkers own = own_workers(planned(16, 16), 0, {16, 8, std::nullopt});
    CHECK(own.workers == 16);
    CHECK(own.difference ==
          "hardware threads of 8 cores here, 16 in class a: 16 workers as planned");
    CHECK(own_workers(planned(16, 16), 0, {16, 16, std::nullopt}).difference.empty());
    CHECK(own_workers(planned(16, 16), 0, {32, 16, std::nullopt}).difference.empty());
    PlannedJob both = planned(16, 16);
    both.plan.layout.threads_per_core = 2;
    CHECK(own_workers(both, 0, {16, 8, std::nullopt}).difference.empty());
}

TEST_CASE("ranks that are in more or fewer NUMA domains than planned are told") {
    Plan plan = planned(4, 4).plan;
    const auto told = [&](const DomainsUsed& used) { return domain_difference(plan, 0, used); };
    CHECK(told({{0, 1}, {0, 1}}).empty());  // the plan names none
    plan.ranks[0].domains = {0};
    plan.ranks[1].domains = {1};
    CHECK(told({{3}, {2, 3}}).empty());
    CHECK(told({{}, {}}).empty());
    CHECK(told({{0, 1}, {0, 1}}) == "its workers are in 2 NUMA domains, planned in 1");
    CHECK(told({{0}, {0}}) == "the ranks of its node are in 1 NUMA domain, planned in 2");
}

TEST_CASE("what several ranks have to say is said once") {
    CHECK(by_rank({"a", "a", "", "b", "a"}) == "ranks 0 to 1, 4: a\nrank 3: b\n");
    CHECK(by_rank({"", ""}).empty());
}

TEST_CASE("a rank never starts more workers than its memory holds") {
    const OwnWorkers own = own_workers(planned(16, 16), 0, {16, 0, kGiB * 5.0});
    CHECK(own.workers == 5);
    CHECK(own.difference == "memory for 5 workers of 1024 MiB here: 5 workers instead of 16");
}

TEST_CASE("the speed of a rank follows from the share planned for it") {
    CHECK(relative_speed(planned(4, 4).plan, 0) == Approx(1.5));
    CHECK(relative_speed(planned(4, 4).plan, 1) == Approx(0.5));
    CHECK(relative_speed(planned(4, 4).plan, 7) == 1);
}

TEST_CASE("an item of any bytes is one line") {
    std::string text;
    append_as_line(text, "plain");
    append_as_line(text, std::string("a\\b\nc\rd\0e", 9));
    CHECK(text == "plain\na\\\\b\\nc\\rd\\0e\n");
    CHECK(read_answer("amorsize:fail no such file\n").failed);
    CHECK_FALSE(read_answer("fine\n").failed);
}

TEST_CASE("the progress line has done, rate, failures and time left") {
    CHECK(progress_line(1000, 100, {200, 3}, 10) ==
          "300 of 1000 done (30 %), 20/s, 3 failed, 34 s left");
    CHECK(progress_line(1000, 0, {}, 0) == "0 of 1000 done (0 %)");
}

TEST_CASE("off a terminal a progress line comes now and then only") {
    Progress progress(100, 0, false);
    CHECK(progress.show({1, 0}).empty());
    CHECK(progress.finish().empty());
}

TEST_CASE("memory kills are read from either version of the counters") {
    const TemporaryFolder folder;
    const std::string file = folder.file("memory.events");
    std::ofstream(file) << "low 0\nhigh 3\nmax 9\noom 1\noom_kill 1\n";
    MemoryKills kills({file});
    CHECK(kills.visible());
    CHECK(kills.new_kills() == 0);
    std::ofstream(file) << "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
    CHECK(kills.new_kills() == 2);
    CHECK(kills.new_kills() == 0);
    CHECK_FALSE(MemoryKills({folder.file("none")}).visible());
}

TEST_CASE("the report sets what was measured beside what was predicted") {
    RunReport report;
    report.name = "j";
    report.items = report.done = 100;
    report.done_before = 3;
    report.wall = Seconds{10};
    report.predicted.item_times = Source::given;
    report.predicted.wall = {Seconds{9}, Seconds{11}};
    report.predicted.memory_per_node = kGiB * 2.0;
    report.predicted.speedup = 10.8;
    RankFigures rank;
    rank.workers = 4;
    rank.seconds = 10;
    rank.busy = 30;
    rank.peak_kib = 262144;
    std::strcpy(rank.host, "n1");
    report.ranks = {rank, rank, rank};
    std::strcpy(report.ranks[2].host, "n2");
    const std::string text = to_text(report);
    CHECK(has(text, "100 of 100 items done (3 were done before)"));
    CHECK(has(text, "10 s (predicted 9 s, 11 s at 95 %)"));
    CHECK(has(text, "largest process 256 MiB: at most 2 GiB a node (predicted 2 GiB)"));
    CHECK(has(text, "in items 75 % of the time (predicted 90 %), ranks even to 100 %"));
    CHECK(has(text, "went into  items 75 %"));
    report.predicted.speedup = 13;
    CHECK(has(to_text(report), "in items 75 % of the time, ranks even"));
    report.predicted.item_times.reset();
    CHECK(has(to_text(report), "time       10 s\n"));
}

TEST_CASE("a program's report speaks of ranks, not of items that nobody saw") {
    RunReport report;
    report.name = "p";
    report.program = true;
    report.items = report.done = 1;
    report.wall = Seconds{10};
    report.predicted.speedup = 4;
    RankFigures rank;
    rank.workers = 1;
    rank.seconds = rank.busy = rank.longest = 9;
    report.ranks = {rank};
    const std::string text = to_text(report);
    CHECK(has(text, "p: 1 of 1 ranks done"));
    CHECK(has(text, "commands ran 90 % of the time; longest 9 s"));
    CHECK_FALSE(has(text, "speed-up"));
    CHECK_FALSE(has(text, "item"));
}

TEST_CASE("the shares of a run's time add up to one") {
    RunReport report;
    report.wall = Seconds{10};
    RankFigures a;
    a.workers = 2;
    a.started = 1;
    a.seconds = 9;
    a.busy = 14;
    a.waiting_for_chunks = 1;
    RankFigures b = a;
    b.seconds = 6;
    b.busy = 10;
    report.ranks = {a, b};
    const TimeShares shares = time_shares(report);
    CHECK(shares.items == Approx(24.0 / 40));
    CHECK(shares.start == Approx(4.0 / 40));
    CHECK(shares.chunks == Approx(2.0 / 40));
    CHECK(shares.tail == Approx(6.0 / 40));
    CHECK(shares.items + shares.start + shares.chunks + shares.tail + shares.between == Approx(1));
    CHECK(balance(report) == Approx(15.0 / 18));
    CHECK(speedup(report) == Approx(2.4));
}
