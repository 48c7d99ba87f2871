#include "advisor/core/outlook.hpp"

#include <algorithm>

#include "advisor/core/advise.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

const Cluster kFourNodes =
    synthetic::cluster(synthetic::node_class("a", {2, 1, 8, 1}, kGiB * 64), 4);

struct Seen {
    Advice advice;
    Outlook outlook;
};

Seen see(const Manifest& manifest, const Cluster& cluster, std::int64_t items) {
    const JobProfile profile = synthetic::known(items);
    Advice advice = advise(manifest, cluster, profile, 3);
    Outlook outlook = look_around(manifest, cluster, profile, advice, 3);
    return {std::move(advice), std::move(outlook)};
}

const CurvePoint* point_at(const std::vector<CurvePoint>& curve, int nodes, int workers) {
    const auto found = std::find_if(curve.begin(), curve.end(), [&](const CurvePoint& point) {
        return point.nodes == nodes && point.workers == workers;
    });
    return found == curve.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("the curves pass through the plan with the figures that are printed") {
    const auto [advice, outlook] =
        see(synthetic::job(20000, Seconds{2}, 0.3, kMiB * 500), kFourNodes, 20000);
    const Plan& plan = *advice.plan;
    REQUIRE(plan.layout.nodes == 4);
    const CurvePoint* at = point_at(outlook.on_more_nodes, 4, plan.layout.workers);
    REQUIRE(at != nullptr);
    CHECK(at->wall.p50 == plan.predicted.wall.p50);
    CHECK(at->wall.p95 == plan.predicted.wall.p95);
    CHECK(at->speedup == *plan.predicted.speedup);
    CHECK(at->core_hours == plan.predicted.core_hours);
    CHECK(at->memory_per_node == plan.predicted.memory_per_node);
    CHECK(outlook.nodes.front().node_class == "a");
}

TEST_CASE("the curves rise to what a node and the partition have") {
    const auto [advice, outlook] =
        see(synthetic::job(20000, Seconds{2}, 0.3, kGiB * 5), kFourNodes, 20000);
    const std::vector<CurvePoint>& one = outlook.on_one_node;
    REQUIRE(one.size() > 5);
    CHECK(one.front().workers == 1);
    CHECK(one.back().workers == 10);  // 0.8 x 64 GiB / 5 GiB
    CHECK(outlook.bounds.by_memory == 10);
    CHECK(outlook.bounds.by_cores == 16);
    CHECK(outlook.on_more_nodes.front().nodes == 1);
    CHECK(outlook.on_more_nodes.back().nodes == 4);
    for (const auto* curve : {&outlook.on_one_node, &outlook.on_more_nodes}) {
        for (std::size_t i = 0; i < curve->size(); ++i) {
            const CurvePoint& point = (*curve)[i];
            CHECK(point.allowed);
            CHECK(point.speedup_p95 <= point.speedup);
            CHECK(point.speedup <= point.workers * 1.001);
            CHECK(point.memory_per_node <= outlook.nodes.front().memory);
            if (i == 0) continue;
            CHECK(point.workers > (*curve)[i - 1].workers);
            CHECK(point.speedup > (*curve)[i - 1].speedup);
        }
    }
}

TEST_CASE("a limit of the manifest is looked beyond, one of the cluster is not") {
    Manifest manifest = synthetic::job(20000, Seconds{2}, 0.3);
    manifest.limits.nodes = 2;
    const auto [advice, outlook] = see(manifest, kFourNodes, 20000);
    REQUIRE(outlook.on_more_nodes.back().nodes == 4);
    for (const CurvePoint& point : outlook.on_more_nodes)
        CHECK(point.allowed == (point.nodes <= 2));
}

TEST_CASE("the curves show no more workers than items") {
    const auto [advice, outlook] = see(synthetic::job(12, Seconds{60}, 0.3), kFourNodes, 12);
    CHECK(outlook.on_one_node.back().workers == 12);
    CHECK(outlook.on_more_nodes.empty());
}

TEST_CASE("a serial advice has the curve that speaks against more workers") {
    const auto [advice, outlook] = see(synthetic::job(1000, Seconds{1e-6}, 0.1), kFourNodes, 1000);
    REQUIRE(advice.verdict == Verdict::serial);
    CHECK(outlook.on_one_node.size() > 5);
    CHECK(outlook.on_one_node.back().speedup < 1);
    CHECK(outlook.on_more_nodes.empty());
}

TEST_CASE("where nothing fits there are nodes to compare with and no curve") {
    const auto [advice, outlook] =
        see(synthetic::job(100, Seconds{60}, 0.3, kGiB * 100), kFourNodes, 100);
    REQUIRE(advice.verdict == Verdict::infeasible);
    CHECK(outlook.nodes.size() == 1);
    CHECK(outlook.memory_per_worker == kGiB * 100);
    CHECK(outlook.bounds.by_memory == 0);
    CHECK(outlook.on_one_node.empty());
}

TEST_CASE("how an MPI program scales is not drawn") {
    Manifest manifest = synthetic::job(1, Seconds{600});
    manifest.kind = JobKind::mpi;
    const auto [advice, outlook] = see(manifest, kFourNodes, 1);
    REQUIRE(advice.plan);
    CHECK(outlook.nodes.size() == 1);
    CHECK(outlook.on_one_node.empty());
    CHECK(outlook.on_more_nodes.empty());
}
