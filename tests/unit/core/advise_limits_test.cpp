#include <algorithm>
#include <cmath>

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/node_layout.hpp"
#include "advisor/core/selection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

NodeOffer one_offer(const Manifest& manifest, const Cluster& cluster) {
    return find_offers(manifest, cluster).offers.front();
}

Sample taking(Seconds seconds) {
    Sample sample;
    sample.seconds = seconds;
    return sample;
}

bool says(const std::vector<Reason>& reasons, const std::string& wanted) {
    return std::any_of(reasons.begin(), reasons.end(),
                       [&](const Reason& one) { return code(one) == wanted; });
}

Workload light(int gpus = 0) {
    Workload work;
    work.items = 1000;
    work.gpus = gpus;
    work.mean_seconds = 1;
    work.seconds = {1};
    return work;
}

}  // namespace

TEST_CASE("workers that share some cores only are granted every core they are predicted with") {
    NodeClass node = synthetic::node_class("a", Shape{1, 1, 32, 2}, kGiB * 256);
    node.measured.smt_yield = 1.4;
    const NodeOffer offer =
        one_offer(synthetic::job(1000, Seconds{1}), synthetic::cluster(node, 1));
    const auto layout = place_workers(offer, light(), {0.2}, 33, RankRule::single);
    REQUIRE(layout);
    CHECK(layout->threads_per_core == 2);
    CHECK(layout->cpus_per_rank == 64);
    CHECK(layout->cores_taken == 32);
}

TEST_CASE("ranks that hold GPUs hold as many as each other, or one rank holds all") {
    NodeClass node = synthetic::node_class("a", Shape{1, 2, 4, 1}, kGiB * 64);
    node.gpus = 7;
    const NodeOffer offer =
        one_offer(synthetic::job(1000, Seconds{1}), synthetic::cluster(node, 1));
    CHECK_FALSE(place_workers(offer, light(1), {0.2}, 7, RankRule::per_domain));
    CHECK(place_workers(offer, light(1), {0.2}, 6, RankRule::per_domain));

    Manifest manifest = synthetic::job(70, Seconds{10});
    manifest.resources.gpus = 1;
    const Advice advice = advise(manifest, synthetic::cluster(node, 1), synthetic::known(70));
    REQUIRE(advice.plan);
    CHECK(advice.plan->request.gpus_per_task * advice.plan->request.ntasks_per_node == 7);
}

TEST_CASE("the cheapest layout is one that ends within the time allowed") {
    Manifest manifest = synthetic::job(100, Seconds{100});
    manifest.profile = {};
    manifest.goal = Goal::cost;
    manifest.limits.time = Seconds{3600};
    JobProfile profile = synthetic::known(100);
    for (int i = 0; i < 100; ++i) profile.samples.push_back(taking(Seconds{100}));
    for (int i = 0; i < 100;
         ++i) {  // side by side each takes half as long again: one core is cheapest
        profile.samples.push_back(taking(Seconds{150}));
        profile.samples.back().concurrency = 8;
    }
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 1);
    const Advice advice = advise(manifest, cluster, profile);
    REQUIRE(advice.plan);
    CHECK(advice.plan->predicted.wall.p50 <= Seconds{3600});
}

TEST_CASE("the time asked for never exceeds the limit, which need not be whole minutes") {
    Manifest manifest = synthetic::job(64, Seconds{10});
    manifest.limits.time = Seconds{110};
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 1);
    const Advice advice = advise(manifest, cluster, synthetic::known(64));
    REQUIRE(advice.plan);
    CHECK(advice.plan->request.time_limit <= Seconds{110});
}

TEST_CASE("items of no measurable time are serial, with figures that are numbers") {
    Manifest manifest = synthetic::job(1000, Seconds{1});
    manifest.profile = {};
    JobProfile profile = synthetic::known(1000);
    profile.samples.assign(5, taking(Seconds{0}));
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 1);
    const Advice advice = advise(manifest, cluster, profile);
    REQUIRE(advice.plan);
    CHECK(advice.verdict == Verdict::serial);
    CHECK(std::isfinite(advice.plan->predicted.wall.p95.value));
    CHECK(std::isfinite(advice.plan->predicted.speedup.value_or(1)));
    CHECK(advice.plan->predicted.core_hours < 1e-3);
}

TEST_CASE("a memory limit on the node does not shrink its NUMA domains by the same share") {
    Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 4, 8, 1}, kGiB * 256), 1);
    cluster.partitions.front().max_memory_per_node = kGiB * 64;
    const NodeOffer offer = one_offer(synthetic::job(10, Seconds{1}), cluster);
    CHECK(offer.memory == kGiB * 64);
    CHECK(offer.memory_per_domain.front() == kGiB * 64);
}

TEST_CASE("waiting workers are said to have helped up to the widest co-run that did") {
    Workload work = light();
    work.co_runs = {{4, 4}, {8, 7.5}, {16, 7.6}};
    CHECK(widest_helpful(work) == 8);
    work.co_runs = {{4, 2.5}, {8, 2.4}, {16, 15}};  // the second by chance
    CHECK(widest_helpful(work) == 16);
    work.co_runs.clear();
    CHECK(widest_helpful(work) == 0);
}

TEST_CASE("a limit below a minute cannot be asked of Slurm, and is no hindrance without it") {
    const NodeClass node = synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64);
    Manifest manifest = synthetic::job(64, Seconds{1});
    manifest.limits.time = Seconds{40};
    const Advice advice = advise(manifest, synthetic::cluster(node, 1), synthetic::known(64));
    CHECK(advice.verdict == Verdict::infeasible);
    CHECK(says(advice.reasons, "time_limit_below_minute"));
    CHECK(advise(manifest, synthetic::cluster(node, 1, false), synthetic::known(64)).plan);

    manifest.limits.time.reset();
    Cluster strict = synthetic::cluster(node, 1);
    strict.partitions.front().max_time = Seconds{30};
    CHECK(says(advise(manifest, strict, synthetic::known(64)).reasons, "time_limit_below_minute"));
}

TEST_CASE("the smaller limit is the one named") {
    Manifest manifest = synthetic::job(640, Seconds{10});
    manifest.limits.time = Seconds{7200};
    Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 1);
    cluster.partitions.front().max_time = Seconds{600};
    const Advice advice = advise(manifest, cluster, synthetic::known(640));
    REQUIRE(advice.plan);
    CHECK(advice.plan->request.time_limit == Seconds{600});
    const auto has = [](const std::vector<Reason>& reasons, const char* wanted) {
        return std::any_of(reasons.begin(), reasons.end(), [&](const Reason& one) {
            return code(one) == wanted &&
                   text(one).find("the partition's limit") != std::string::npos;
        });
    };
    CHECK(has(advice.reasons, "split_into_pieces"));
    REQUIRE(advice.plan->request.pieces);

    // A program that shares out its items itself cannot take up where it stopped.
    manifest.mode = Mode::program;
    const Advice cut_off = advise(manifest, cluster, synthetic::known(640));
    REQUIRE(cut_off.plan);
    CHECK(has(cut_off.warnings, "time_limit_capped"));
    CHECK_FALSE(cut_off.plan->request.pieces);
}

TEST_CASE("a time somebody gave may be too short by some per cent, a sampled one was measured") {
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 1);
    const Advice given = advise(synthetic::job(800, Seconds{36}), cluster, synthetic::known(800));
    Manifest manifest = synthetic::job(800, Seconds{36});
    manifest.profile = {};
    JobProfile profile = synthetic::known(800);
    profile.samples.assign(100, taking(Seconds{36}));
    const Advice sampled = advise(manifest, cluster, profile);
    REQUIRE(given.plan);
    REQUIRE(sampled.plan);
    CHECK(sampled.plan->request.time_limit.value <= 1.15 * 3600);  // nodes differ in speed
    CHECK(given.plan->request.time_limit.value >= 1.15 * 3600);
    CHECK(given.plan->request.time_limit.value <= 1.25 * 3600);
}

TEST_CASE("a job that serially breaks the limit runs in parallel, however little that saves") {
    Manifest manifest = synthetic::job(2, Seconds{1});
    manifest.profile = {};
    manifest.limits.time = Seconds{60};
    JobProfile profile = synthetic::known(2);
    profile.samples.assign(10, taking(Seconds{31}));
    for (int i = 0; i < 10; ++i) {  // side by side hardly faster than one after another
        profile.samples.push_back(taking(Seconds{59}));
        profile.samples.back().concurrency = 2;
    }
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 2, 1}, kGiB * 64), 1);
    const Advice advice = advise(manifest, cluster, profile);
    REQUIRE(advice.plan);
    CHECK(advice.verdict == Verdict::parallel);
}

TEST_CASE(
    "whether an item fits the limit is judged on these nodes, and given times by what was given") {
    NodeClass node = synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64);
    Manifest manifest = synthetic::job(100, Seconds{3000}, 0.5);
    manifest.limits.time = Seconds{3600};
    CHECK(advise(manifest, synthetic::cluster(node, 1), synthetic::known(100))
              .plan);  // a tail nobody gave
    node.measured.core_speed = 0.5;
    const Advice slow = advise(manifest, synthetic::cluster(node, 1), synthetic::known(100));
    CHECK(slow.verdict == Verdict::infeasible);
    CHECK(says(slow.reasons, "time_too_short"));

    manifest.profile.seconds = Seconds{4000};
    node.measured.core_speed = 2.0;
    CHECK(advise(manifest, synthetic::cluster(node, 1), synthetic::known(100)).plan);
}

TEST_CASE("workers dropped as idle leave the ranks on their domains") {
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{2, 1, 16, 1}, kGiB * 64), 1);
    const Advice advice = advise(synthetic::job(40, Seconds{100}), cluster, synthetic::known(40));
    REQUIRE(advice.plan);
    CHECK(advice.plan->layout.workers >= 20);
    for (const RankPlan& rank : advice.plan->ranks) CHECK(rank.domains.size() <= 2);
}

TEST_CASE("what twice the nodes would do is shown where only your limit is against it") {
    Manifest manifest = synthetic::job(100000, Seconds{10});
    manifest.limits.nodes = 2;
    Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 8);
    const auto over = [&] {
        const Advice advice = advise(manifest, cluster, synthetic::known(100000));
        return std::any_of(advice.alternatives.begin(), advice.alternatives.end(),
                           [](const Alternative& one) {
                               return one.plan.layout.nodes == 4 &&
                                      text(one.against) == "over the limit of 2 nodes";
                           });
    };
    CHECK(over());
    cluster.partitions.front().max_nodes = 3;
    CHECK_FALSE(over());
}

TEST_CASE("what the model assumes is said to be assumed, each figure by itself") {
    NodeClass node = synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64);
    const auto source_of = [&](const std::string& name) {
        const Advice advice = advise(synthetic::job(1000, Seconds{10}), synthetic::cluster(node, 1),
                                     synthetic::known(1000));
        const auto fact = std::find_if(advice.basis.begin(), advice.basis.end(),
                                       [&](const Fact& one) { return one.name == name; });
        REQUIRE(fact != advice.basis.end());
        return fact->source;
    };
    CHECK(source_of("runner start") == Source::assumed);
    node.measured.spawn = SpawnCost{{}, Seconds{0.01}, {}};
    CHECK(source_of("worker start") == Source::assumed);
    node.measured.spawn->exec = Seconds{0.002};
    CHECK(source_of("worker start") == Source::given);
    node.source = Source::measured;
    CHECK(source_of("worker start") == Source::measured);
}

TEST_CASE("where no item was timed one node is filled, whatever is allowed") {
    Manifest manifest = synthetic::job(5000, Seconds{1});
    manifest.profile = {};
    const NodeClass node = synthetic::node_class("a", Shape{2, 8, 64, 1}, kGiB * 64);
    const Advice advice = advise(manifest, synthetic::cluster(node, 16), synthetic::known(5000));
    REQUIRE(advice.plan);
    CHECK(advice.plan->layout.nodes == 1);
    CHECK(advice.alternatives.empty());
    CHECK(std::any_of(advice.warnings.begin(), advice.warnings.end(),
                      [](const Reason& one) { return code(one) == "item_time_unknown"; }));
}

TEST_CASE("what keeps a job from all of a node is told with its source") {
    NodeClass node = synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64);
    node.limits = {{false, "8 hardware threads", "CPU affinity"}};
    const Advice advice = advise(synthetic::job(1000, Seconds{10}), synthetic::cluster(node, 1),
                                 synthetic::known(1000));
    CHECK(std::any_of(advice.reasons.begin(), advice.reasons.end(), [](const Reason& one) {
        return text(one) == "8 hardware threads may be used: CPU affinity";
    }));
}

TEST_CASE("a worker that no NUMA domain holds is announced to take memory of several") {
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{2, 4, 16, 1}, kGiB * 256), 1);
    CHECK(says(
        advise(synthetic::job(1000, Seconds{10}, 0, kGiB * 100), cluster, synthetic::known(1000))
            .warnings,
        "spans_domains"));
    CHECK_FALSE(says(
        advise(synthetic::job(1000, Seconds{10}, 0, kGiB * 20), cluster, synthetic::known(1000))
            .warnings,
        "spans_domains"));
}

TEST_CASE("a small slowdown of two side by side does not hold every node at two workers") {
    JobProfile profile = synthetic::known(100000);
    for (int i = 0; i < 16; ++i) {
        profile.samples.push_back(taking(Seconds{i < 8 ? 2.0 : 2.2}));
        profile.samples.back().concurrency = i < 8 ? 1 : 2;
    }
    Manifest manifest = synthetic::job(100000, Seconds{1});
    manifest.profile = {};
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{2, 4, 16, 1}, kGiB * 256), 16);
    const Advice advice = advise(manifest, cluster, profile);
    REQUIRE(advice.plan);
    CHECK(advice.plan->layout.workers / advice.plan->layout.nodes > 4);
    CHECK(says(advice.warnings, "not_measured"));
}

TEST_CASE("under Slurm a lone rank of several workers pays the launch, a serial one does not") {
    const NodeClass node = synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64);
    Cluster under_slurm = synthetic::cluster(node, 1, true);
    Cluster without = synthetic::cluster(node, 1, false);
    under_slurm.launch = without.launch = LaunchCost{{3}, {0.1}, {0.1}};
    const auto seconds = [&](const Cluster& cluster, std::int64_t items) {
        const Advice advice =
            advise(synthetic::job(items, Seconds{1}), cluster, synthetic::known(items));
        CHECK((advice.verdict == Verdict::serial) == (items == 1));
        return advice.plan->predicted.wall.p50.value;
    };
    CHECK(seconds(under_slurm, 800) - seconds(without, 800) == Approx(3.1).margin(0.05));
    CHECK(seconds(under_slurm, 1) == Approx(seconds(without, 1)).margin(0.05));
}
