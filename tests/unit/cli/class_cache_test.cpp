#include "advisor/cli/class_cache.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "advisor/measure/node_report.hpp"
#include "advisor/measure/topology_xml.hpp"
#include "slurm/parse_nodes.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::cli;

namespace {

/// A home of its own, gone afterwards.
struct Home {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("amorsize-home-" + std::to_string(::getpid()));
    Surroundings surroundings;

    Home() {
        std::filesystem::create_directories(path);
        surroundings.environment["HOME"] = path.string();
    }
    ~Home() { std::filesystem::remove_all(path); }
};

NodeClass class_of(int cores) {
    slurm::NodeShape shape;
    shape.cores_per_socket = cores;
    shape.memory = kGiB * 4;
    return slurm::node_class("a", shape);
}

MeasuredClass measured_here() {
    MeasuredClass measured;
    measured.hosts = HostList("n1");
    measured.figures.spawn = SpawnCost{Seconds{1e-3}, Seconds{5e-3}, Seconds{2e-5}};
    measured.one_core_rate = 2.5e8;
    measured.topology_xml = measure::topology_xml(measure::measure_quick().topology, {});
    return measured;
}

MeasuredCluster visit() {
    MeasuredCluster visit;
    visit.launch = LaunchCost{{0.4}, {0.1}, {0.002}};
    visit.dispatch = Seconds{8e-5};
    visit.mpi = MpiFacts{"Open MPI", "4.1.4", {}};
    return visit;
}

const slurm::ClassNode kNode{"n1", "2026-11-21T08:37:43", "Linux 6.1.0", true, {}};

}  // namespace

TEST_CASE("a measured class is found again while its node is as it was") {
    const Home home;
    const ClassCache cache(home.surroundings, "mini");
    const NodeClass node = class_of(2);
    CHECK_FALSE(cache.read(node, {kNode}).known);
    CHECK(cache.read(node, {kNode}).stale.empty());
    const CachedClass written = cache.write(node, kNode, measured_here(), visit());
    const auto read = cache.read(node, {{"n0", "x", "y", true, {}}, kNode}).known;
    REQUIRE(read);
    CHECK(read->node == "n1");
    CHECK(read->figures.spawn->exec == Seconds{1e-3});
    CHECK_FALSE(read->figures.core_speed);
    CHECK(read->one_core_rate == Approx(2.5e8));
    CHECK(measure::shape(read->topology) == measure::shape(written.topology));
    CHECK(read->launch->per_log2_node.value == Approx(0.1));
    CHECK(read->dispatch->value == Approx(8e-5));
    CHECK(read->mpi->version == "4.1.4");

    const auto stale = [&](slurm::ClassNode now) {
        const CacheAnswer answer = cache.read(node, {std::move(now)});
        CHECK_FALSE(answer.known);
        return answer.stale;
    };
    SECTION("a boot time worked out a second later is the same boot") {
        CHECK(cache.read(node, {{"n1", "2026-11-21T08:37:44", kNode.system, true, {}}}).known);
    }
    SECTION("another boot, another system, another class or cluster are not") {
        CHECK(stale({"n1", "2026-11-21T09:00:00", kNode.system, true, {}}) ==
              "n1 has booted since");
        CHECK(stale({"n1", "", kNode.system, true, {}}) == "Slurm does not say when n1 booted");
        CHECK(stale({"n1", kNode.boot_time, "Linux 6.2.0", true, {}}) ==
              "n1 runs another system now");
        CHECK(stale({"n2", kNode.boot_time, kNode.system, true, {}}) ==
              "n1 is not of this class any more");
        CHECK_FALSE(cache.read(class_of(4), {kNode}).known);
        CHECK_FALSE(ClassCache(home.surroundings, "maxi").read(node, {kNode}).known);
    }
    SECTION("a damaged file is no profile") {
        for (const auto& entry :
             std::filesystem::directory_iterator(home.path / ".cache/amorsize")) {
            std::filesystem::resize_file(entry.path(),
                                         std::filesystem::file_size(entry.path()) / 2);
        }
        CHECK_FALSE(cache.read(node, {kNode}).known);
    }
    SECTION("a pipe in its place keeps nobody waiting") {
        for (const auto& entry :
             std::filesystem::directory_iterator(home.path / ".cache/amorsize")) {
            std::filesystem::remove(entry.path());
            REQUIRE(mkfifo(entry.path().c_str(), 0600) == 0);
        }
        CHECK_FALSE(cache.read(node, {kNode}).known);
    }
}

TEST_CASE("without a cache folder a class is measured each time") {
    const ClassCache cache(Surroundings{}, "mini");
    CHECK_FALSE(cache.write(class_of(2), kNode, measured_here(), {}).topology.cores.empty());
    CHECK_FALSE(cache.read(class_of(2), {kNode}).known);
}
