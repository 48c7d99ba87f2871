#include <algorithm>

#include "advisor/core/strategy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/made_jobs.hpp"

using namespace amorsize;
using synthetic::Case;
using synthetic::pick;
using synthetic::Shape;
using synthetic::solve;

namespace {

Case random_case(Random& random) {
    Case made;
    made.items = pick<std::int64_t>(random, {1, 2, 17, 100, 1000, 12345, 1000000});
    made.manifest =
        synthetic::job(made.items, Seconds{pick(random, {1e-4, 0.05, 0.4, 3.0, 60.0, 900.0})},
                       pick(random, {0.0, 0.3, 1.0, 2.0}));
    made.manifest.goal = pick(random, {Goal::time, Goal::cost});
    const NodeClass node = synthetic::node_class(
        "a", Shape{pick(random, {1, 2}), pick(random, {1, 4}), pick(random, {1, 3, 16}), 1},
        kGiB * 64);
    made.cluster = synthetic::cluster(node, pick(random, {1, 2, 7, 32, 200}));
    if (random.uniform() < 0.5) made.manifest.limits.nodes = pick(random, {1, 3, 20});
    return made;
}

double time_of(const Plan& plan) {
    return plan.predicted.wall.p50.value;
}

/// No worse in either, better in one.
bool beats(const Plan& one, const Plan& other) {
    const double cost = one.predicted.core_hours;
    const double other_cost = other.predicted.core_hours;
    return time_of(one) <= time_of(other) && cost <= other_cost &&
           (time_of(one) < time_of(other) || cost < other_cost);
}

bool holds(const std::vector<const Plan*>& set, const Plan& plan) {
    return std::find(set.begin(), set.end(), &plan) != set.end();
}

}  // namespace

TEST_CASE("the Pareto set holds the plan taken, and nothing that another plan beats") {
    Random random(11);
    int choices = 0;
    for (int i = 0; i < 500; ++i) {
        const Case one = random_case(random);
        const Advice advice = solve(one);
        CAPTURE(i, one.items);
        REQUIRE(advice.plan);
        const std::vector<const Plan*> set = pareto_set(advice);
        REQUIRE(holds(set, *advice.plan));
        REQUIRE(std::is_sorted(set.begin(), set.end(), [](const Plan* a, const Plan* b) {
            return time_of(*a) < time_of(*b);
        }));
        choices += static_cast<int>(set.size()) - 1;
        for (const Plan* member : set) {
            for (const Alternative& other : advice.alternatives) {
                if (std::holds_alternative<reason::OverLimit>(other.against)) {
                    REQUIRE_FALSE(holds(set, other.plan));
                    continue;
                }
                if (member != &*advice.plan) REQUIRE_FALSE(beats(other.plan, *member));
            }
            if (member != &*advice.plan) REQUIRE_FALSE(beats(*advice.plan, *member));
        }
    }
    CHECK(choices > 50);
}

TEST_CASE(
    "no alternative is both sooner and cheaper than the plan taken by what can be told apart") {
    Random random(12);
    for (int i = 0; i < 500; ++i) {
        const Case one = random_case(random);
        const Advice advice = solve(one);
        REQUIRE(advice.plan);
        const Plan& plan = *advice.plan;
        for (const Alternative& other : advice.alternatives) {
            if (std::holds_alternative<reason::OverLimit>(other.against)) continue;
            CAPTURE(i, one.items, time_of(plan), time_of(other.plan), plan.predicted.core_hours,
                    other.plan.predicted.core_hours);
            const bool sooner = time_of(other.plan) < time_of(plan) * (1 - kTellApart) - 1;
            const bool cheaper =
                other.plan.predicted.core_hours < plan.predicted.core_hours * (1 - kTellApart);
            REQUIRE_FALSE((sooner && cheaper));
        }
    }
}
