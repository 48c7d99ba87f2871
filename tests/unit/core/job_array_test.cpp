#include "advisor/core/job_array.hpp"

#include <algorithm>
#include <cmath>

#include "advisor/core/advise.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/strategy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

const Shape kNode{1, 1, 8, 1};

Cluster nodes(int count) {
    return synthetic::cluster(synthetic::node_class("a", kNode, kGiB * 64), count);
}

std::optional<Advice> array_of(const Manifest& manifest, const Cluster& cluster,
                               std::int64_t items) {
    return advise_array(manifest, cluster, synthetic::known(items), 0);
}

}  // namespace

TEST_CASE("an array fills as many nodes as a job, in rounds that are worth their starts") {
    const Manifest manifest = synthetic::job(64000, Seconds{1}, 0.3);
    const Advice array = array_of(manifest, nodes(4), 64000).value();
    const ArrayPlan& plan = array.plan->request.array.value();
    CHECK(plan.at_once == 4);
    CHECK(plan.elements == 16);
    CHECK(plan.items_each == 4000);
    CHECK(array.plan->layout.nodes == 1);
    CHECK(array.plan->layout.workers == 8);
    CHECK(array.plan->request.time_limit > plan.element.p50);
    const double perfect = 64000.0 / (4 * 8);
    CHECK(array.plan->predicted.wall.p50.value > perfect);
    CHECK(array.plan->predicted.wall.p50.value < perfect * 1.1);
    CHECK(array.plan->predicted.core_hours == Approx(64000.0 / 3600).epsilon(0.1));
    CHECK(strategy_of(*array.plan) == Strategy::job_array);
}

TEST_CASE("elements are not cut so small that their workers' last round is nearly empty") {
    const Manifest manifest = synthetic::job(20000, Seconds{12}, 0.4);
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{2, 4, 16, 1}, kGiB * 256), 16);
    const Advice array = array_of(manifest, cluster, 20000).value();
    // 64 elements, whose starts would pay as well, keep 128 workers busy for 313 / 384 of 3 rounds.
    CHECK(array.plan->request.array->elements == 16);
    for (const Reason& reason : array.reasons)
        CHECK_FALSE(std::holds_alternative<reason::NodeLimit>(reason));
}

TEST_CASE("where no item was timed an array is planned only on demand, and no time is told of it") {
    Manifest manifest = synthetic::job(64000, Seconds{1});
    manifest.profile.seconds.reset();
    CHECK_FALSE(array_of(manifest, nodes(4), 64000));
    manifest.strategy = StrategyChoice::array;
    const auto array = array_of(manifest, nodes(4), 64000);
    REQUIRE(array);
    CHECK(std::get<reason::JobArray>(array->reasons.front()).each == Seconds{0});
    CHECK(array->basis.front().name == "items");
    CHECK(array->basis.front().value == "64,000");
    const Advice job = advise(manifest, nodes(4), synthetic::known(64000), 0);
    CHECK(beside_array(job, array, manifest).alternatives.empty());
}

TEST_CASE("short elements run in one round: a start would cost more than it brings") {
    const Advice array = array_of(synthetic::job(320, Seconds{1}), nodes(4), 320).value();
    CHECK(array.plan->request.array->elements == 4);
}

TEST_CASE("the array ends where its limits do") {
    Cluster cluster = nodes(16);
    cluster.max_array_size = 10;
    Manifest manifest = synthetic::job(100000, Seconds{2});
    CHECK(array_of(manifest, cluster, 100000)->plan->request.array->elements == 10);
    manifest.limits.nodes = 3;
    const ArrayPlan few = *array_of(manifest, cluster, 100000)->plan->request.array;
    CHECK(few.at_once == 3);
    CHECK(few.elements == 6);
    const ArrayPlan least =
        *array_of(synthetic::job(5, Seconds{600}), nodes(16), 5)->plan->request.array;
    CHECK(least.elements == 5);
    CHECK(least.items_each == 1);
}

TEST_CASE("elements end within the time limit, by their number") {
    Manifest manifest = synthetic::job(64000, Seconds{1});
    manifest.limits.time = Seconds{30 * 60};
    const Advice array = array_of(manifest, nodes(4), 64000).value();
    CHECK(array.plan->request.time_limit <= Seconds{30 * 60});
    CHECK_FALSE(array.plan->request.pieces);
}

TEST_CASE("what cannot be an array is none") {
    const Manifest manifest = synthetic::job(1000, Seconds{1});
    Cluster laptop = synthetic::cluster(synthetic::node_class("a", kNode, kGiB * 64), 1, false);
    CHECK_FALSE(array_of(manifest, laptop, 1000));
    Manifest program = manifest;
    program.mode = Mode::program;
    CHECK_FALSE(array_of(program, nodes(4), 1000));
    Manifest one_job = manifest;
    one_job.strategy = StrategyChoice::job;
    CHECK_FALSE(array_of(one_job, nodes(4), 1000));
    CHECK_FALSE(array_of(synthetic::job(1, Seconds{1}), nodes(4), 1));
}

TEST_CASE("beside a job the array is an alternative with the reason against it") {
    const Manifest manifest = synthetic::job(64000, Seconds{1}, 0.3);
    const Advice job = advise(manifest, nodes(4), synthetic::known(64000));
    const Advice both = beside_array(job, array_of(manifest, nodes(4), 64000), manifest);
    CHECK_FALSE(both.plan->request.array);
    const auto found = std::find_if(
        both.alternatives.begin(), both.alternatives.end(),
        [](const Alternative& other) { return strategy_of(other.plan) == Strategy::job_array; });
    REQUIRE(found != both.alternatives.end());
    CHECK(std::holds_alternative<reason::Slower>(found->against));
    CHECK(strategy_of(both.alternatives.back().plan) == Strategy::serial);
}

TEST_CASE("an array that is asked for has the job as its alternative") {
    Manifest manifest = synthetic::job(64000, Seconds{1}, 0.3);
    manifest.strategy = StrategyChoice::array;
    const Advice job = advise(manifest, nodes(4), synthetic::known(64000));
    const Advice both = beside_array(job, array_of(manifest, nodes(4), 64000), manifest);
    CHECK(both.plan->request.array);
    REQUIRE_FALSE(both.alternatives.empty());
    CHECK(strategy_of(both.alternatives.front().plan) == Strategy::many_nodes);
    CHECK(both.alternatives.size() == job.alternatives.size() + 1);
}

TEST_CASE("every item belongs to one element, and no element has more than is said") {
    Random random(5);
    for (int i = 0; i < 60; ++i) {
        const auto items = static_cast<std::int64_t>(2 + random.below(5000));
        const int count = static_cast<int>(1 + random.below(20));
        const Manifest manifest =
            synthetic::job(items, Seconds{std::pow(10, random.uniform() * 4 - 1)}, 0.5);
        const auto array = array_of(manifest, nodes(count), items);
        if (!array) continue;
        const ArrayPlan& plan = *array->plan->request.array;
        CAPTURE(items, count, plan.elements);
        CHECK(plan.elements <= items);
        CHECK(plan.at_once <= plan.elements);
        CHECK(plan.at_once <= count);
        CHECK(plan.items_each * plan.elements >= items);
        CHECK((plan.items_each - 1) * plan.elements < items);
        const double least = array->plan->predicted.serial.value / (plan.at_once * 8);
        CHECK(array->plan->predicted.wall.p50.value > least * 0.9);
        CHECK(array->plan->predicted.wall.p95 >= array->plan->predicted.wall.p50);
    }
}

TEST_CASE("elements start as nodes become free") {
    ArrayPlan array;
    array.elements = 4;
    array.at_once = 4;
    array.element = {Seconds{98}, Seconds{98}};  // 100 with its start
    const std::map<int, Seconds> at_once{{1, Seconds{10}}, {4, Seconds{10}}};
    CHECK(wall_as_nodes_free_up(array, at_once).p50.value == Approx(100));
    // Two nodes at once, four after an hour: the two do all of it before.
    const std::map<int, Seconds> later{{1, Seconds{0}}, {2, Seconds{0}}, {4, Seconds{3600}}};
    CHECK(wall_as_nodes_free_up(array, later).p50.value == Approx(200));
    // A wait for more nodes that is shorter than one for fewer says no more than the longer.
    const std::map<int, Seconds> odd{{1, Seconds{50}}, {4, Seconds{0}}};
    CHECK(wall_as_nodes_free_up(array, odd).p50.value == Approx(100));
}

TEST_CASE("the items of an element are not those that were sampled, however many were") {
    Manifest manifest = synthetic::job(320, Seconds{60});
    manifest.profile = {};
    JobProfile profile = synthetic::known(320);
    Random random(5);
    for (int i = 0; i < 100; ++i) {
        Sample sample;
        sample.seconds = Seconds{60 * std::exp(1.2 * normal_quantile(random.uniform()))};
        profile.samples.push_back(sample);
    }
    const auto array = advise_array(manifest, nodes(4), profile, 0);
    REQUIRE(array);
    const ArrayPlan& plan = *array->plan->request.array;
    REQUIRE(plan.items_each <= 100);
    profile.items = plan.items_each;  // as if the samples were all there is
    manifest.limits.nodes = 1;
    const Advice tried_whole = advise(manifest, nodes(4), profile);
    CHECK(plan.element.p95 > tried_whole.plan->predicted.wall.p95 * 1.1);
}
