#include "advisor/core/selection.hpp"

#include <cmath>
#include <cstdlib>
#include <map>

#include "advisor/core/advise.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

Cluster sixteen_nodes() {
    Cluster made =
        synthetic::cluster(synthetic::node_class("a", Shape{2, 4, 16, 1}, kGiB * 256), 16);
    made.launch = LaunchCost{{0.4}, {0.05}, {0.002}};
    return made;
}

Manifest sampled_job(std::int64_t items) {
    Manifest made = synthetic::job(items, Seconds{1});
    made.profile = {};
    return made;
}

/// Lognormal item times: `cv` above 1 is a heavy tail.
JobProfile tailed(std::int64_t items, int samples, double seconds, double cv) {
    JobProfile profile = synthetic::known(items);
    const double deviation = std::sqrt(std::log(1 + cv * cv));
    Random random(3);
    for (int i = 0; i < samples; ++i) {
        Sample sample;
        sample.seconds = Seconds{seconds * std::exp(deviation * normal_quantile(random.uniform()))};
        profile.samples.push_back(sample);
    }
    return profile;
}

struct Setting {
    Manifest manifest;
    Cluster cluster;
    JobProfile profile;

    JobCase job() const {
        JobCase made{manifest, cluster, profile, 0, {}, {}, find_offers(manifest, cluster).offers};
        made.work = summarize(manifest, profile, std::nullopt, Seconds{50e-6});
        return made;
    }
    std::vector<Candidate> candidates(const JobCase& job) const {
        return enumerate_candidates(job.offers[0], job.work, costs_of(cluster, job.offers[0]),
                                    manifest);
    }
};

Candidate on_nodes(int nodes, double wall, double core_hours, double assumed_start = 0) {
    static const NodeOffer offer;
    static const auto layout = std::make_shared<const NodeLayout>();
    Candidate made;
    made.offer = &offer;
    made.node = layout;
    made.nodes = nodes;
    made.wall = Seconds{wall};
    made.core_hours = core_hours;
    made.assumed_start = Seconds{assumed_start};
    return made;
}

int nodes_taken(const std::vector<Candidate>& candidates) {
    return select_best(candidates, Goal::time)->nodes;
}

}  // namespace

TEST_CASE("more nodes are taken for a sure gain only") {
    CHECK(nodes_taken({on_nodes(1, 100, 4), on_nodes(16, 96, 60)}) == 1);
    CHECK(nodes_taken({on_nodes(1, 100, 4), on_nodes(16, 60, 40)}) == 16);
    CHECK(nodes_taken({on_nodes(1, 0.53, 0.01), on_nodes(4, 0.5, 0.04)}) == 1);
    // A gain that hangs on starts nobody measured.
    CHECK(nodes_taken({on_nodes(1, 3, 0.1), on_nodes(8, 2.5, 0.5, 0.8)}) == 1);
    CHECK(nodes_taken({on_nodes(1, 3, 0.1), on_nodes(8, 2.5, 0.5)}) == 8);
    // As dear: then the faster one.
    CHECK(nodes_taken({on_nodes(20, 100, 50), on_nodes(21, 96, 50.1)}) == 21);
}

TEST_CASE("a heavy tail does not hide what more nodes save") {
    const Setting setting{sampled_job(3000), sixteen_nodes(), tailed(3000, 24, 3.5, 1.8)};
    const JobCase job = setting.job();
    const Advice advice = advise(setting.manifest, setting.cluster, setting.profile);
    REQUIRE(advice.plan);
    double least = 1e9;  // of all plans, as the simulation ranks them
    double taken = 1e9;  // of those on the nodes chosen
    for (const Candidate& one : setting.candidates(job)) {
        if (one.node->workers < 64) continue;
        const double wall = simulated(job, one).wall.value;
        least = std::min(least, wall);
        if (one.nodes == advice.plan->layout.nodes) taken = std::min(taken, wall);
    }
    CHECK(advice.plan->layout.nodes > 4);
    CHECK(taken < 1.2 * least);  // the least of many simulated medians is a lucky one
}

TEST_CASE("the formula ranks node counts as the simulation does, whatever the tail") {
    for (const double cv : {0.1, 0.5, 1.0, 2.0}) {
        const Setting setting{sampled_job(20000), sixteen_nodes(), tailed(20000, 30, 3, cv)};
        const JobCase job = setting.job();
        double before = 1e9;
        for (const Candidate& one : setting.candidates(job)) {
            if (one.node->workers != 128 || one.node->ranks.size() > 1) continue;
            const double wall = simulated(job, one).wall.value;
            CAPTURE(cv, one.nodes, one.wall.value, wall);
            CHECK(wall < before * 1.01);
            CHECK(std::abs(std::log(one.wall.value / wall)) < 0.15);
            before = wall;
        }
    }
}

TEST_CASE("the simulation judges the best of several node counts") {
    const Setting setting{sampled_job(20000), sixteen_nodes(), tailed(20000, 30, 0.05, 0.5)};
    const JobCase job = setting.job();
    std::map<int, int> judged;
    for (const Candidate& one : shortlist(job, setting.candidates(job))) ++judged[one.nodes];
    CHECK(judged.size() >= 4);
}
