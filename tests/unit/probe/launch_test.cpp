#include <algorithm>
#include <numeric>
#include <random>

#include "mpi/probe/launch_fit.hpp"
#include "mpi/probe/launch_timing.hpp"
#include "mpi/probe/links.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::probe;

namespace {

std::vector<LaunchPoint> points_of(const LaunchCost& cost, const std::vector<LaunchSize>& sizes) {
    std::vector<LaunchPoint> points;
    points.reserve(sizes.size());
    for (const LaunchSize& size : sizes)
        points.push_back({size.nodes, size.ranks, {launch_time(cost, size), {}}, 1});
    return points;
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TEST_CASE("a launch cost is found again from its points") {
    const LaunchCost cost{{0.4}, {0.05}, {0.002}};
    for (const int nodes : {2, 3, 4, 7, 64}) {
        const auto points = points_of(cost, launch_sizes(nodes, 32));
        const auto fitted = fit_launch(points);
        REQUIRE(fitted);
        CHECK(fitted->base.value == Approx(0.4));
        CHECK(fitted->per_log2_node.value == Approx(0.05));
        CHECK(fitted->per_rank.value == Approx(0.002));
        CHECK(largest_error(*fitted, points).value == Approx(0).margin(1e-9));
    }
}

TEST_CASE("no term of a launch cost is negative, whatever the noise") {
    std::mt19937_64 random(5);
    std::normal_distribution<double> noise(0, 0.05);
    for (int round = 0; round < 200; ++round) {
        auto points = points_of({{0.1}, {0.0}, {0.0001}}, launch_sizes(4, 2));
        for (LaunchPoint& point : points)
            point.time.value.value = std::max(0.01, point.time.value.value + noise(random));
        const auto fitted = fit_launch(points);
        REQUIRE(fitted);
        CHECK(fitted->base.value >= 0);
        CHECK(fitted->per_log2_node.value >= 0);
        CHECK(fitted->per_rank.value >= 0);
    }
}

TEST_CASE("what cannot be told apart is not fitted") {
    const LaunchCost cost{{0.4}, {0.05}, {0.002}};
    CHECK_FALSE(fit_launch({}));
    CHECK_FALSE(fit_launch(points_of(cost, {{1, 1}, {1, 8}, {1, 64}})));
    CHECK_FALSE(fit_launch(points_of(cost, {{1, 1}, {2, 2}})));
    CHECK_FALSE(fit_launch(points_of(cost, {{1, 8}, {2, 8}, {4, 8}})));
}

TEST_CASE("sizes to launch grow to all nodes and vary the ranks") {
    CHECK(launch_sizes(1, 64).empty());
    CHECK(launch_sizes(4, 2) == std::vector<LaunchSize>{{1, 1}, {1, 2}, {2, 2}, {4, 4}, {4, 8}});
    CHECK(launch_sizes(6, 8) ==
          std::vector<LaunchSize>{{1, 1}, {1, 8}, {2, 2}, {4, 4}, {4, 32}, {6, 6}});
    CHECK(launch_sizes(2, 1) == std::vector<LaunchSize>{{1, 1}, {1, 2}, {2, 2}, {2, 4}});
    for (const LaunchSize& size : launch_sizes(1000, 512)) CHECK(size.ranks <= 1000);
}

TEST_CASE("a launch within a launch starts afresh") {
    Launcher launcher;
    launcher.kind = Launcher::Kind::srun;
    launcher.program = "/opt/amorsize-probe";
    launcher.slurm_version = "22.05.8";
    launcher.environment = {"PATH=/bin",          "SLURM_JOB_ID=7",   "SLURM_NTASKS=4",
                            "SLURM_STEP_ID=0",    "PMIX_RANK=0",      "OMPI_COMM_WORLD_SIZE=4",
                            "HOME=/root",         "SLURM_CPU_BIND=x", "SLURM_CPUS_PER_TASK=2",
                            "SLURMD_NODENAME=n1", "SRUN_DEBUG=3",     "SLURM_MEM_PER_NODE=5"};
    CHECK(launch_environment(launcher) == std::vector<std::string>{"PATH=/bin", "SLURM_JOB_ID=7",
                                                                   "HOME=/root",
                                                                   "PMIX_MCA_gds=hash"});
    const auto command = launch_command(launcher, {4, 8});
    CHECK(command.front() == "srun");
    CHECK(command.back() == "--say-ready");
    for (const char* word : {"--nodes=4", "--ntasks=8", "--ntasks-per-node=2", "--overlap"})
        CHECK(holds(command, word));
    launcher.slurm_version = "20.02.1";
    CHECK_FALSE(holds(launch_command(launcher, {1, 1}), "--overlap"));
    launcher.kind = Launcher::Kind::mpirun;
    launcher.hosts = {"n1", "n2", "n3"};
    CHECK(holds(launch_command(launcher, {2, 4}), "n1:2,n2:2"));
    CHECK(holds(launch_command(launcher, {2, 4}), "ppr:2:node"));
}

TEST_CASE("PMIx keeps its data by hash unless the user chose") {
    CHECK(with_safe_pmix({"A=1"}) == std::vector<std::string>{"A=1", "PMIX_MCA_gds=hash"});
    CHECK(with_safe_pmix({"PMIX_MCA_gds=ds21"}) == std::vector<std::string>{"PMIX_MCA_gds=ds21"});
}

TEST_CASE("a launch that fails says why") {
    Launcher launcher;
    CHECK(time_launches(launcher, {{1, 1}}, {1}).unmeasured ==
          "neither srun nor mpirun started this");
    launcher.kind = Launcher::Kind::mpirun;
    launcher.hosts = {"n1"};
    launcher.program = "/bin/true";
    CHECK(time_launches(launcher, {}, {1}).unmeasured == "growth over nodes does not show on one");
    launcher.environment = {"PATH=/nonexistent"};
    const LaunchReport report = time_launches(launcher, {{1, 1}}, {1});
    CHECK(report.unmeasured.find("cannot start mpirun") == 0);
    CHECK(report.points.empty());
    CHECK_FALSE(report.cost);
}

TEST_CASE("links join different ranks, few of them, near and far") {
    const auto up_to = [](int count) {
        std::vector<int> ranks(static_cast<std::size_t>(count));
        std::iota(ranks.begin(), ranks.end(), 0);
        return ranks;
    };
    CHECK(choose_links({0}, 8).empty());
    CHECK(choose_links({0, 2}, 8) == std::vector<std::pair<int, int>>{{0, 2}});
    CHECK(choose_links(up_to(4), 8).size() == 6);
    for (const int count : {5, 6, 9, 100, 10000}) {
        const auto links = choose_links(up_to(count), 8);
        CHECK(links.size() <= 8);
        CHECK(links.size() >= 4);
        for (const auto& [from, to] : links) {
            CHECK(from < to);
            CHECK(to < count);
        }
    }
}

TEST_CASE("a link's figures survive the way to the root") {
    LinkFigures link;
    link.latency = {{1.25e-6}, {0.1}};
    link.bandwidth = {{12.5e9}, {0.02}};
    const LinkFigures back = link_from_line(to_line(link));
    CHECK(back.latency.value.value == 1.25e-6);
    CHECK(back.bandwidth.spread.value == 0.02);
    CHECK_THROWS_WITH(link_from_line("MPI could not receive"), "MPI could not receive");
}
