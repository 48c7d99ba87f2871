#include "advisor/core/node_offer.hpp"

#include <algorithm>

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

Cluster mixed(const std::vector<NodeClass>& classes) {
    Cluster made = synthetic::cluster(classes.front(), 4);
    made.classes = classes;
    for (std::size_t i = 1; i < classes.size(); ++i) {
        made.partitions[0].nodes.push_back({static_cast<int>(i), 4});
    }
    return made;
}

NodeOffer any_node(const Cluster& cluster) {
    return find_offers(synthetic::job(1000, Seconds{1}), cluster).offers.front();
}

}  // namespace

TEST_CASE("where any class may be granted each figure is the weakest of its own kind") {
    NodeClass wide =
        synthetic::node_class("wide", Shape{2, 1, 32, 1}, kGiB * 128);  // one thread a core
    NodeClass small = synthetic::node_class("small", Shape{1, 1, 16, 2}, kGiB * 256);
    wide.measured.smt_yield = 1.0;
    small.measured.smt_yield = 1.4;
    wide.measured.core_speed = 1.2;
    small.measured.core_speed = 0.9;
    wide.measured.all_core_speed = 0.7;
    wide.measured.node_spread = Fraction{0.02};
    small.measured.node_spread = Fraction{0.08};
    wide.measured.spawn = SpawnCost{Seconds{0.01}, Seconds{0.005}, Seconds{0.0002}};
    small.measured.spawn = SpawnCost{Seconds{0.001}, Seconds{0.05}, Seconds{0.0001}};
    wide.measured.spread.exec = Fraction{0.02};
    small.measured.spread.exec = Fraction{0.1};
    wide.gpus = 1;
    small.gpus = 4;
    const NodeOffer offer = any_node(mixed({wide, small}));
    CHECK(offer.topology.cores.size() == 16);
    CHECK(threads_per_core(offer.topology) == 1);
    CHECK(offer.hardware_threads);  // of the small ones: a core of theirs is two CPUs to Slurm
    CHECK(offer.memory == kGiB * 128);
    CHECK(offer.memory_per_domain.front() == kGiB * 128);
    CHECK(offer.gpus == 1);
    CHECK(offer.figures.smt_yield == 1.0);
    CHECK(offer.figures.core_speed == 0.9);
    CHECK(offer.figures.all_core_speed == 0.7);
    CHECK(offer.figures.node_spread == Fraction{0.08});
    REQUIRE(offer.figures.spawn);
    CHECK(offer.figures.spawn->exec == Seconds{0.01});
    CHECK(offer.figures.spawn->fork_per_gib == Seconds{0.05});
    CHECK(offer.figures.spread.exec == Fraction{0.1});
    CHECK_FALSE(offer.figures.spread.thread);
}

TEST_CASE("a figure that some class was not measured for is not known of all") {
    NodeClass a = synthetic::node_class("a", Shape{1, 1, 16, 2}, kGiB * 64);
    NodeClass b = a;
    b.name = "b";
    a.measured.smt_yield = 1.5;
    a.measured.spawn = SpawnCost{Seconds{0.001}, Seconds{0.01}, Seconds{0.0001}};
    const Cluster cluster = mixed({a, b});
    CHECK_FALSE(any_node(cluster).figures.smt_yield);
    CHECK_FALSE(any_node(cluster).figures.spawn->exec);
    const Advice advice =
        advise(synthetic::job(100000, Seconds{10}), cluster, synthetic::known(100000));
    REQUIRE(advice.plan);
    CHECK(advice.plan->layout.threads_per_core == 1);
    CHECK(advice.plan->request.threads_per_core == 1);
}

TEST_CASE("a partition's limit on the CPUs of a node leaves fewer cores of every domain") {
    Cluster cluster = mixed({synthetic::node_class("a", Shape{2, 1, 64, 1}, kGiB * 256)});
    cluster.partitions[0].max_cpus_per_node = 88;
    const NodeOffer offer = any_node(cluster);
    CHECK(offer.topology.cores.size() == 88);
    CHECK(cores_of_domain(offer.topology, 0) == 44);
    CHECK(cores_of_domain(offer.topology, 1) == 44);
    REQUIRE(offer.reasons.size() == 1);
    CHECK(text(offer.reasons.front()).find("at most 88 cores of a node (88 CPUs)") == 0);

    cluster.partitions[0].max_cpus_per_node = 1;
    CHECK(any_node(cluster).topology.cores.size() == 1);
    CHECK(any_node(cluster).memory_per_domain.size() == 1);
    cluster.partitions[0].max_cpus_per_node = 128;
    CHECK(any_node(cluster).topology.cores.size() == 128);
    CHECK(any_node(cluster).reasons.empty());
}

TEST_CASE("where hardware threads are CPUs a limit on CPUs allows half as many cores") {
    Cluster cluster = mixed({synthetic::node_class("a", Shape{2, 1, 64, 2}, kGiB * 256)});
    cluster.partitions[0].max_cpus_per_node = 88;
    CHECK(any_node(cluster).topology.cores.size() == 44);
}

TEST_CASE("the plan for any class says which class set each bound") {
    const Cluster cluster = mixed({synthetic::node_class("wide", Shape{2, 1, 32, 1}, kGiB * 128),
                                   synthetic::node_class("small", Shape{1, 1, 16, 2}, kGiB * 256)});
    const std::vector<Reason> reasons = any_node(cluster).reasons;
    REQUIRE(reasons.size() == 1);
    CHECK(text(reasons.front()).find("16 cores (class small) of 1 thread (wide), 128 GiB (wide)") !=
          std::string::npos);
}

TEST_CASE(
    "the slowest of classes that are all faster than the reference is planned at its own speed") {
    NodeClass a = synthetic::node_class("a", Shape{1, 1, 16, 1}, kGiB * 64);
    NodeClass b = a;
    b.name = "b";
    a.measured.core_speed = 1.5;
    b.measured.core_speed = 1.2;
    CHECK(any_node(mixed({a, b})).figures.core_speed == 1.2);
    b.measured.core_speed.reset();  // the reference
    CHECK(any_node(mixed({a, b})).figures.core_speed == 1.0);
}

TEST_CASE("classes too small for one worker are left out, for no request of one is granted them") {
    NodeClass large = synthetic::node_class("large", Shape{1, 1, 8, 1}, kGiB * 16);
    NodeClass small = synthetic::node_class("small", Shape{1, 1, 4, 1}, kGiB * 4);
    NodeClass least = synthetic::node_class("least", Shape{1, 1, 2, 1}, kGiB * 2);
    large.gpus = 2;
    Cluster cluster = mixed({small, large, least});
    Manifest job = synthetic::job(1000, Seconds{1});

    SECTION("by memory with its headroom, of the manifest") {
        job.resources.memory = kGiB * 3.5;
        const std::vector<NodeOffer> offers = find_offers(job, cluster).offers;
        REQUIRE(offers.size() == 1);
        CHECK(offers[0].classes == std::vector<std::string>{"large"});
        CHECK(offers[0].nodes_available == 4);
        REQUIRE(offers[0].reasons.size() == 1);
        CHECK(text(offers[0].reasons[0]) ==
              "nodes of class small and of 1 other are left out: they have 4 GiB at most, one "
              "worker needs 4.38 GiB");
    }
    SECTION("or of the largest item sampled") {
        JobProfile profile = synthetic::known(1000);
        for (const double gib : {1.0, 3.5, 2.0})
            profile.samples.push_back({Seconds{1}, kGiB * gib, {}, {}, {}, {}, 1, {}, 0});
        const Advice advice = advise(job, cluster, profile, 1);
        REQUIRE(advice.plan);
        CHECK(advice.plan->request.mem_mib_per_node > 4096);
    }
    SECTION("by threads") {
        job.resources.threads = 4;
        CHECK(find_offers(job, cluster).offers[0].nodes_available == 8);
        job.resources.threads = 8;
        CHECK(find_offers(job, cluster).offers[0].nodes_available == 4);
    }
    SECTION("by GPUs") {
        job.resources.gpus = 1;
        CHECK(find_offers(job, cluster).offers[0].classes == std::vector<std::string>{"large"});
    }
    SECTION("where all are too small the advice speaks of the largest") {
        job.resources.memory = kGiB * 100;
        const Advice advice = advise(job, cluster, synthetic::known(1000), 1);
        REQUIRE(advice.reasons.size() == 1);
        CHECK(text(advice.reasons[0]).find("a node of class large offers 16 GiB") !=
              std::string::npos);
    }
    SECTION("but not without Slurm, which nobody's request would reach") {
        cluster.slurm_version.reset();
        job.resources.memory = kGiB * 3.5;
        CHECK(find_offers(job, cluster).offers[0].nodes_available == 12);
    }
}

TEST_CASE("fewer nodes than a job must take are not planned") {
    Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 16);
    cluster.partitions.front().min_nodes = 4;
    // Two nodes would do by themselves, and one for a tiny job.
    for (const double seconds : {10.0, 0.001}) {
        const Advice advice =
            advise(synthetic::job(16, Seconds{seconds}), cluster, synthetic::known(16));
        REQUIRE(advice.plan);
        CHECK(advice.verdict == Verdict::parallel);
        CHECK(advice.plan->layout.nodes == 4);
        CHECK(std::any_of(advice.reasons.begin(), advice.reasons.end(), [](const Reason& one) {
            return text(one) == "at least 4 nodes: partition main";
        }));
        for (const Alternative& other : advice.alternatives) CHECK(other.plan.layout.nodes >= 4);
    }
    Manifest unknown = synthetic::job(5000, Seconds{1});
    unknown.profile = {};
    CHECK(advise(unknown, cluster, synthetic::known(5000)).plan->layout.nodes == 4);
}

TEST_CASE("a partition whose least job is out of reach is refused with the way out") {
    Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 16);
    cluster.partitions.front().min_nodes = 4;
    cluster.partitions.front().node_minimum_source = "QoS wide";
    const auto refusal = [&](const Manifest& manifest) {
        const Advice advice = advise(manifest, cluster, synthetic::known(3));
        REQUIRE(advice.verdict == Verdict::infeasible);
        REQUIRE(advice.reasons.size() == 1);
        return text(advice.reasons.front());
    };
    CHECK(refusal(synthetic::job(3, Seconds{10})) ==
          "QoS wide takes jobs of 4 nodes and more, 3 items cannot keep them busy: choose another");
    Manifest narrow = synthetic::job(1000, Seconds{10});
    narrow.limits.nodes = 2;
    CHECK(refusal(narrow) ==
          "QoS wide takes jobs of 4 nodes and more, limits.nodes allows 2: raise it or choose "
          "another");
    cluster.partitions.front().nodes.front().count = 3;
    CHECK(refusal(synthetic::job(1000, Seconds{10})) ==
          "QoS wide takes jobs of 4 nodes and more, 3 can be had: wait or choose another");
}

TEST_CASE("where jobs share cores the advice warns") {
    Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 2);
    const auto warned = [&] {
        const Advice advice =
            advise(synthetic::job(1000, Seconds{1}), cluster, synthetic::known(1000));
        return std::any_of(advice.warnings.begin(), advice.warnings.end(),
                           [](const Reason& one) { return code(one) == "cores_shared"; });
    };
    CHECK_FALSE(warned());
    cluster.partitions.front().jobs_per_core = 4;
    CHECK(warned());
}
