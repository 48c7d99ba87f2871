#include "advisor/cli/turnaround.hpp"

#include "advisor/core/advise.hpp"
#include "advisor/core/job_array.hpp"
#include "slurm/parse_nodes.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::cli;

namespace {

Cluster eight_nodes() {
    slurm::NodeShape shape;
    shape.cores_per_socket = 4;
    shape.memory = kGiB * 16;
    shape.features = {"old"};
    Cluster cluster;
    cluster.slurm_version = "22.05.8";
    cluster.classes = {slurm::node_class("a", shape)};
    shape.features = {"new"};
    shape.cores_per_socket = 2;
    cluster.classes.push_back(slurm::node_class("b", shape));
    Partition main;
    main.name = "main";
    main.is_default = true;
    main.nodes = {{0, 8}, {1, 8}};
    cluster.partitions = {main};
    return cluster;
}

Manifest job() {
    Manifest manifest;
    manifest.name = "x";
    manifest.command.argv = {"x"};
    manifest.goal = Goal::turnaround;
    manifest.profile.seconds = Seconds{10};
    manifest.profile.peak_memory = kMiB * 100;
    return manifest;
}

JobProfile profile() {
    JobProfile profile;
    profile.items = 3200;
    return profile;
}

Advice decide(const QueueWait& wait) {
    return soonest_end(advise(job(), eight_nodes(), profile()),
                       advise_array(job(), eight_nodes(), profile(), 0), job(), eight_nodes(),
                       profile(), 0, wait);
}

bool mentions_queue(const Advice& advice) {
    for (const Reason& reason : advice.reasons) {
        if (std::holds_alternative<reason::QueueCounted>(reason)) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("where everything starts at once the queue changes nothing but is told") {
    const Advice first = advise(job(), eight_nodes(), profile());
    const Advice chosen = decide([](const Advice&) { return Seconds{0}; });
    CHECK(chosen.plan->layout.nodes == first.plan->layout.nodes);
    CHECK(chosen.plan->predicted.queue->value == 0);
    CHECK(mentions_queue(chosen));
}

TEST_CASE("a wait that costs more than it saves sends the job to fewer nodes") {
    const Advice first = advise(job(), eight_nodes(), profile());
    const int most = first.plan->layout.nodes;
    REQUIRE(most > 4);
    const Advice chosen = decide([&](const Advice& one) {
        return one.plan->layout.nodes > 4 ? Seconds{86400} : Seconds{60};
    });
    CHECK(chosen.plan->layout.nodes <= 4);
    CHECK(chosen.plan->predicted.queue->value == 60);
    REQUIRE_FALSE(chosen.alternatives.empty());
    CHECK(chosen.alternatives.front().plan.layout.nodes == most);
    CHECK(chosen.alternatives.front().plan.predicted.queue->value == 86400);
    for (const Reason& reason : chosen.reasons) {
        CHECK_FALSE(std::holds_alternative<reason::NodeLimit>(reason));
    }
}

TEST_CASE("a limit of our own is no reason where the user has set a looser one") {
    Manifest limited = job();
    limited.limits.nodes = 6;
    const Cluster cluster = eight_nodes();
    const Advice first = advise(limited, cluster, profile());
    REQUIRE(first.plan->layout.nodes == 6);
    const Advice chosen =
        soonest_end(first, advise_array(limited, cluster, profile(), 0), limited, cluster,
                    profile(), 0, [](const Advice& one) {
                        return one.plan->layout.nodes > 3 ? Seconds{86400} : Seconds{60};
                    });
    REQUIRE(chosen.plan->layout.nodes == 3);
    for (const Reason& reason : chosen.reasons) {
        CHECK_FALSE(std::holds_alternative<reason::NodeLimit>(reason));
    }
}

TEST_CASE("what ends a little sooner than the first advice is not called slower") {
    const Seconds run = advise(job(), eight_nodes(), profile()).plan->predicted.wall.p50;
    const Seconds end = run + Seconds{10000};
    const Advice chosen = decide([&](const Advice& one) {
        const bool is_first = one.plan->predicted.wall.p50 == run;
        return end - one.plan->predicted.wall.p50 - Seconds{is_first ? 0.0 : 100.0};
    });
    CHECK(chosen.plan->predicted.wall.p50 == run);
    REQUIRE_FALSE(chosen.alternatives.empty());
    for (const Alternative& other : chosen.alternatives) {
        if (other.plan.request.array) continue;  // it ends later, whatever is told of its start
        const auto* no_faster = std::get_if<reason::NoFaster>(&other.against);
        REQUIRE(no_faster != nullptr);
        CHECK(no_faster->by.value == Approx(100));
    }
}

TEST_CASE("nodes of another class may be free sooner") {
    const Advice first = advise(job(), eight_nodes(), profile());
    const std::string busy = first.plan->request.constraint;
    const Advice chosen = decide([&](const Advice& one) {
        return one.plan->request.constraint == "new" ? Seconds{0} : Seconds{1e6};
    });
    CHECK(busy != "new");
    CHECK(chosen.plan->request.constraint == "new");
}

TEST_CASE("an array wins where nodes become free one after another") {
    const auto later_for_more = [](const Advice& one) {
        const bool one_node = one.plan->request.array || one.plan->layout.nodes == 1;
        return Seconds{one_node ? 0.0 : 300.0 * one.plan->layout.nodes};
    };
    const Advice chosen = decide(later_for_more);
    REQUIRE(chosen.plan->request.array);
    CHECK(chosen.plan->predicted.queue == Seconds{0});
    Manifest one_job = job();
    one_job.strategy = StrategyChoice::job;
    const Advice first = advise(one_job, eight_nodes(), profile());
    const Advice wide = soonest_end(first, advise_array(one_job, eight_nodes(), profile(), 0),
                                    one_job, eight_nodes(), profile(), 0, later_for_more);
    CHECK_FALSE(wide.plan->request.array);
    const auto turnaround = [](const Advice& advice) {
        return *advice.plan->predicted.queue + advice.plan->predicted.wall.p50;
    };
    CHECK(turnaround(chosen) < turnaround(wide));
    for (const Alternative& other : chosen.alternatives)
        CHECK(std::holds_alternative<reason::Slower>(other.against));
}

TEST_CASE("without Slurm's word the first advice stands, and few questions are asked") {
    int asked = 0;
    const Advice refused = decide([&](const Advice&) -> std::optional<Seconds> {
        ++asked;
        return std::nullopt;
    });
    CHECK(asked == 1);
    CHECK_FALSE(refused.plan->predicted.queue);
    asked = 0;
    decide([&](const Advice&) {
        ++asked;
        return Seconds{5};
    });
    CHECK(asked <= 6);
}
