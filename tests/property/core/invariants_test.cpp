#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/made_jobs.hpp"

using namespace amorsize;
using synthetic::Case;
using synthetic::pick;
using synthetic::Shape;
using synthetic::solve;

namespace {

// A simulated median moves a little with the layout, and of plans within 5 % the cheapest is taken.
constexpr double kPredictionTolerance = 1.03 * 1.05;
constexpr double kLeastSaving = 0.05 + 1e-3;  // seconds: a smaller gain is no gain either

Shape random_shape(Random& random) {
    return {pick(random, {1, 2}), pick(random, {1, 2, 4, 8}), pick(random, {1, 2, 3, 8, 16, 32}),
            pick(random, {1, 2, 4})};
}

Case random_case(Random& random) {
    Case made;
    made.items = pick<std::int64_t>(random, {1, 2, 5, 17, 100, 1000, 12345, 1000000});
    std::optional<Bytes> peak;
    if (random.uniform() < 0.7)
        peak = kMiB * pick(random, {1.0, 100.0, 700.0, 3000.0, 20000.0, 90000.0});
    made.manifest =
        synthetic::job(made.items, Seconds{pick(random, {1e-5, 1e-3, 0.05, 0.4, 3.0, 60.0})},
                       pick(random, {0.0, 0.3, 1.0, 2.0}), peak);
    made.manifest.resources.threads = pick(random, {1, 1, 1, 2, 4});
    made.manifest.goal = pick(random, {Goal::time, Goal::time, Goal::cost});
    if (random.uniform() < 0.2) made.manifest.profile.cpu_share = Fraction{0.1};
    NodeClass node = synthetic::node_class("a", random_shape(random),
                                           kGiB * pick(random, {2.0, 16.0, 64.0, 512.0}));
    if (random.uniform() < 0.3) node.measured.smt_yield = pick(random, {0.9, 1.05, 1.25});
    made.cluster = synthetic::cluster(node, pick(random, {1, 2, 7, 32}));
    made.cluster.launch = LaunchCost{{0.5}, {0.1}, {0.002}};
    return made;
}

}  // namespace

TEST_CASE("memory fits, cores are not oversubscribed, workers have chunks") {
    Random random(1);
    int feasible = 0;
    for (int i = 0; i < 1500; ++i) {
        const Case one = random_case(random);
        const Advice advice = solve(one);
        CAPTURE(i, one.items, one.cluster.classes[0].topology.cores.size());
        REQUIRE((advice.verdict == Verdict::infeasible) == !advice.plan);
        if (!advice.plan) continue;
        ++feasible;
        const Plan& plan = *advice.plan;
        const NodeClass& node = one.cluster.classes[0];
        const auto cores = static_cast<int>(node.topology.cores.size());
        const int workers_per_node = plan.layout.workers_per_node();

        REQUIRE(plan.layout.workers >= 1);
        REQUIRE(plan.layout.workers <= one.items);
        REQUIRE(plan.layout.nodes <= one.cluster.partitions[0].nodes[0].count);
        REQUIRE(plan.request.ntasks_per_node * plan.request.cpus_per_task <=
                cores * std::max(1, plan.layout.threads_per_core));
        REQUIRE(Bytes{plan.request.mem_mib_per_node * kMiB.value} <= node.memory + kMiB);
        if (one.manifest.profile.peak_memory) {
            const Bytes peak = *one.manifest.profile.peak_memory;
            REQUIRE(peak * workers_per_node <= node.memory * 0.8 + Bytes{1});
            const Bytes domain = node.memory / static_cast<double>(node.topology.domains.size());
            for (const RankPlan& rank : plan.ranks) {
                if (rank.domains.size() == 1) REQUIRE(peak * rank.workers <= domain);
            }
        }
        if (!one.manifest.profile.cpu_share) {
            REQUIRE(workers_per_node * one.manifest.resources.threads <=
                    cores * plan.layout.threads_per_core);
        }
        std::int64_t chunks = 0;
        std::int64_t items = 0;
        int workers = 0;
        for (const RankPlan& rank : plan.ranks) {
            chunks += rank.chunks;
            items += rank.items;
            workers += rank.workers;
            REQUIRE(rank.workers <= plan.layout.workers_per_rank);
        }
        REQUIRE(workers == plan.layout.workers);
        REQUIRE(items == one.items);
        REQUIRE(workers <= chunks);
        REQUIRE(plan.predicted.wall.p50 <= plan.predicted.wall.p95);
        REQUIRE(plan.request.time_limit.value >= 60);
    }
    CHECK(feasible > 1000);
}

TEST_CASE("more nodes, cores or memory never predict slower") {
    Random random(2);
    for (int i = 0; i < 400; ++i) {
        Case less = random_case(random);
        less.manifest.goal = Goal::time;
        Case more = less;
        switch (i % 3) {
            case 0:
                more.cluster.partitions[0].nodes[0].count += pick(random, {1, 2, 5, 40});
                break;
            case 1:
                more.cluster.classes[0].memory =
                    more.cluster.classes[0].memory * pick(random, {1.1, 2.0, 8.0});
                break;
            default: {
                const auto domains =
                    static_cast<int>(less.cluster.classes[0].topology.domains.size());
                const auto cores =
                    static_cast<int>(less.cluster.classes[0].topology.cores.size()) / domains;
                const int threads = threads_per_core(less.cluster.classes[0].topology);
                more.cluster.classes[0].topology =
                    synthetic::topology({1, domains, cores + 1, threads});
            }
        }
        const Advice a = solve(less);
        const Advice b = solve(more);
        CAPTURE(i, less.items);
        if (!a.plan) continue;
        REQUIRE(b.plan);
        REQUIRE(b.plan->predicted.wall.p50.value <=
                a.plan->predicted.wall.p50.value * kPredictionTolerance + kLeastSaving);
    }
}

TEST_CASE("adding a limit never improves the optimum") {
    Random random(3);
    for (int i = 0; i < 300; ++i) {
        Case free = random_case(random);
        free.manifest.goal = Goal::time;
        Case bound = free;
        if (i % 2 == 0)
            bound.manifest.limits.nodes = 1;
        else
            bound.manifest.headroom = Fraction{0.6};
        const Advice a = solve(free);
        const Advice b = solve(bound);
        if (!b.plan) continue;
        CAPTURE(i, free.items);
        REQUIRE(a.plan);
        REQUIRE(a.plan->predicted.wall.p50.value <=
                b.plan->predicted.wall.p50.value * kPredictionTolerance + kLeastSaving);
    }
}
