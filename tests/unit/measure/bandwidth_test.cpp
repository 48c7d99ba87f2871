#include "advisor/measure/bandwidth.hpp"

#include <numeric>

#include "advisor/core/error.hpp"
#include "advisor/measure/bandwidth_kernel.hpp"
#include "advisor/measure/bandwidth_memory.hpp"
#include "advisor/measure/pinned_threads.hpp"
#include "advisor/measure/topology_source.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

BandwidthPoint point(int cores, double rate) {
    return {cores, {BytesPerSecond{rate}, {}}};
}

Topology usable_here() {
    return restrict_to(discover_topology(), usable_cpus());
}

}  // namespace

TEST_CASE("triad arrays are four caches each where memory and time allow") {
    CHECK(triad_array_size(32 * kMiB, kGiB, kTiB) == 128 * kMiB);
    CHECK(triad_array_size(kMiB, kGiB, kTiB) == 32 * kMiB);
    CHECK(triad_array_size(256 * kMiB, 512 * kMiB, kTiB) == 512 * kMiB);
    CHECK(triad_array_size(32 * kMiB, kGiB, 50 * kMiB) == 50 * kMiB);
}

TEST_CASE("triad arrays exceed the cache twice, however short the time, or are not measured") {
    for (Bytes cache : {2 * kMiB, 48 * kMiB, 1152 * kMiB}) {
        const auto size = triad_array_size(cache, kTiB, Bytes{0});
        REQUIRE(size);
        CHECK(*size * 3 >= cache * 2);
        CHECK(*size < cache);
    }
    CHECK(triad_array_size(48 * kMiB, 33 * kMiB, kTiB) == 33 * kMiB);
    CHECK_FALSE(triad_array_size(48 * kMiB, 32 * kMiB, kTiB));
    CHECK_FALSE(triad_array_size(kMiB, Bytes{0}, kTiB));
}

TEST_CASE("bandwidth is measured from one core to all in a handful of steps") {
    CHECK(core_counts(1) == std::vector<int>{1});
    CHECK(core_counts(2) == std::vector<int>{1, 2});
    CHECK(core_counts(16) == std::vector<int>{1, 2, 4, 8, 12, 16});
    for (int cores = 1; cores <= 512; ++cores) {
        const std::vector<int> counts = core_counts(cores);
        CHECK(counts.front() == 1);
        CHECK(counts.back() == cores);
        CHECK(counts.size() <= 6);
    }
}

TEST_CASE("the saturation point is interpolated between the counts measured") {
    CHECK(cores_at_90_percent({point(1, 10)}) == 1);
    CHECK(cores_at_90_percent({point(1, 95), point(2, 100)}) == 1);
    // 90 of 100 lies three quarters of the way from 60 at 4 cores to 100 at 8.
    CHECK(cores_at_90_percent({point(1, 20), point(4, 60), point(8, 100)}) == 7);
    CHECK(cores_at_90_percent({point(1, 20), point(4, 100), point(8, 90)}) == 4);
}

TEST_CASE("the triad computes a = b + factor c") {
    std::vector<double> a(1001), b(1001), c(1001);
    std::iota(b.begin(), b.end(), 0.0);
    std::iota(c.begin(), c.end(), 5.0);
    triad(a.data(), b.data(), c.data(), 3.0, a.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == b[i] + 3.0 * c[i]);
}

TEST_CASE("memory for the triad is on the node it was asked for") {
    const Topology topology = usable_here();
    const TriadArrays arrays(kMiB, topology.domains[0].os_index, {topology.cores[0].pus[0]});
    CHECK(arrays.placement() != Placement::elsewhere);
    CHECK(arrays.elements() == static_cast<std::size_t>(kMiB.value) / sizeof(double));
    for (int i = 0; i < 3; ++i) CHECK(arrays.array(i)[arrays.elements() - 1] == 1.0);
}

TEST_CASE("bandwidth of this machine is measured for every domain, with its spread") {
    const Topology topology = usable_here();
    UsableMemory memory = usable_memory();
    memory.available = std::min(memory.available, kGiB);
    for (NodeMemory& node : memory.nodes) node.available = std::min(node.available, kGiB);
    const BandwidthReport report = measure_bandwidth(topology, memory, Seconds{0.2});
    REQUIRE(report.curves.size() + report.unmeasured.size() >= topology.domains.size());
    for (const BandwidthCurve& curve : report.curves) {
        CHECK(curve.points.front().cores == 1);
        CHECK(curve.points.back().cores == cores_of_domain(topology, curve.domain));
        CHECK(curve.saturated().value >= curve.one_core().value);
        CHECK(curve.one_core().value.value > 1e6);
        CHECK(curve.one_core().spread.value >= 0);
        CHECK(curve.cores_at_90 >= 1);
    }
    if (topology.domains.size() + topology.memory_only.size() == 1) CHECK(report.matrix.empty());
    CHECK(bandwidth_per_numa(report).has_value() == !report.curves.empty());
}

TEST_CASE("on a machine with too little memory the missing bandwidth is named") {
    const Topology topology = usable_here();
    UsableMemory memory = usable_memory();
    memory.available = 4 * kMiB;
    const BandwidthReport report = measure_bandwidth(topology, memory, Seconds{0.1});
    CHECK(report.curves.empty());
    REQUIRE_FALSE(report.unmeasured.empty());
    CHECK(report.unmeasured[0].why.find("would not exceed the cache") != std::string::npos);
    CHECK_FALSE(bandwidth_per_numa(report));
}

TEST_CASE("the model gets the median over the domains") {
    BandwidthReport report;
    report.curves = {{0, {point(1, 10), point(4, 40)}, 4},
                     {1, {point(1, 12), point(4, 44)}, 4},
                     {2, {point(1, 2), point(4, 41)}, 4}};
    const auto figures = bandwidth_per_numa(report);
    REQUIRE(figures);
    CHECK(figures->one_core.value == 10);
    CHECK(figures->saturated.value == 41);
}

TEST_CASE("pinned rounds run on every thread at once and as often as asked") {
    const std::vector<int> pus{usable_cpus().pus.front()};
    int runs = 0;
    CHECK(timed_rounds(pus, {4, 4, {}}, [&](std::size_t) { ++runs; }).size() == 4);
    CHECK(runs == 4);
    CHECK(timed_rounds(pus, {2, 50, Seconds{0}}, [](std::size_t) {}).size() == 2);
}

TEST_CASE("a thread that cannot be pinned is an error, not a figure of another core") {
    CHECK_THROWS_AS(timed_rounds({usable_cpus().pus.front(), 4095}, {1, 1, {}}, [](std::size_t) {}),
                    Error);
}
