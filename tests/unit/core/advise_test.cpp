#include <algorithm>

#include "advisor/core/advise.hpp"

#include "advisor/core/explain.hpp"
#include "advisor/core/node_layout.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

bool says(const std::vector<Reason>& reasons, const std::string& wanted) {
    for (const Reason& reason : reasons) {
        if (code(reason) == wanted) return true;
    }
    return false;
}

Advice advise_alone(const Manifest& manifest, const Shape& shape, Bytes memory) {
    const Cluster cluster = synthetic::cluster(synthetic::node_class("a", shape, memory), 1, false);
    return advise(manifest, cluster, synthetic::known(std::get<ItemRange>(manifest.items).end));
}

Advice advise_samples(const std::vector<Sample>& samples, std::int64_t items, const Shape& shape) {
    Manifest manifest = synthetic::job(items, Seconds{1});
    manifest.profile = {};
    JobProfile profile = synthetic::known(items);
    profile.samples = samples;
    return advise(manifest,
                  synthetic::cluster(synthetic::node_class("a", shape, kGiB * 64), 1, false),
                  profile);
}

}  // namespace

TEST_CASE("the memory ceiling is the seeds' formula") {
    struct Row {
        double ram_gib;
        int cores;
        double peak_mib;
        double headroom;
        int workers;
    };
    const Row rows[] = {{700, 96, 6 * 1024, 0.2, 93},
                        {700, 96, 12 * 1024, 0.2, 46},
                        {700, 96, 24 * 1024, 0.2, 23},
                        {700, 96, 48 * 1024, 0.2, 11},
                        {700, 96, 5.83 * 1024, 0.2, 96},
                        {700, 96, 5.84 * 1024, 0.2, 95},
                        {700, 96, 561 * 1024, 0.2, 0},
                        {16, 8, 100, 0.2, 8},
                        {16, 8, 1024, 0.2, 8},
                        {16, 8, 2048, 0.2, 6},
                        {8, 16, 500, 0.2, 13},
                        {4, 8, 500, 0.2, 6},
                        {32, 4, 2048, 0.2, 4},
                        {16, 8, 100, 0.5, 8},
                        {16, 8, 1024, 0.5, 8},
                        {16, 8, 2048, 0.5, 4},
                        {8, 16, 500, 0.5, 8},
                        {4, 8, 500, 0.5, 4},
                        {32, 4, 2048, 0.5, 4}};
    for (const Row& row : rows) {
        CAPTURE(row.ram_gib, row.cores, row.peak_mib, row.headroom);
        CHECK(memory_ceiling(row.cores, kGiB * row.ram_gib, {kMiB * row.peak_mib},
                             {row.headroom}) == row.workers);
    }
}

TEST_CASE("the ceiling holds however the cores are split into NUMA domains") {
    for (const Shape shape :
         {Shape{1, 1, 96, 1}, Shape{2, 1, 48, 2}, Shape{2, 4, 12, 2}, Shape{2, 2, 24, 1}}) {
        for (const auto& [peak, workers] : {std::pair{6, 93}, {12, 46}, {24, 23}, {48, 11}}) {
            CAPTURE(shape.packages, shape.domains, peak);
            const Advice advice = advise_alone(synthetic::job(1000000, Seconds{1}, 0, kGiB * peak),
                                               shape, kGiB * 700);
            REQUIRE(advice.plan);
            CHECK(advice.plan->layout.workers == workers);
        }
    }
}

TEST_CASE("an item that fits no node is infeasible, never one worker") {
    const Advice advice =
        advise_alone(synthetic::job(1000, Seconds{1}, 0, kGiB * 561), {2, 1, 48, 1}, kGiB * 700);
    CHECK(advice.verdict == Verdict::infeasible);
    CHECK_FALSE(advice.plan);
    CHECK(says(advice.reasons, "item_too_large"));
}

TEST_CASE("physical cores, unless two threads on a core were measured to yield more") {
    const Manifest manifest = synthetic::job(100000, Seconds{1});
    NodeClass node = synthetic::node_class("a", {1, 1, 8, 2}, kGiB * 64);
    CHECK(advise(manifest, synthetic::cluster(node, 1), synthetic::known(100000))
              .plan->layout.workers == 8);
    node.measured.smt_yield = 1.04;
    CHECK(advise(manifest, synthetic::cluster(node, 1), synthetic::known(100000))
              .plan->layout.workers == 8);
    node.measured.smt_yield = 1.3;
    const Advice both = advise(manifest, synthetic::cluster(node, 1), synthetic::known(100000));
    CHECK(both.plan->layout.workers == 16);
    CHECK(both.plan->layout.threads_per_core == 2);
    CHECK(says(both.reasons, "second_thread_pays"));
}

TEST_CASE("second threads of little yield serve a list of a round and a half") {
    NodeClass node = synthetic::node_class("a", {1, 1, 8, 2}, kGiB * 64);
    node.measured.smt_yield = 1.02;
    Manifest manifest = synthetic::job(12, Seconds{10}, 0.05);
    CHECK(advise(manifest, synthetic::cluster(node, 1), synthetic::known(12))
              .plan->layout.threads_per_core == 1);
    manifest.profile = {};
    JobProfile profile = synthetic::known(12);
    for (int i = 0; i < 12; ++i) {
        Sample& sample = profile.samples.emplace_back();
        sample.seconds = Seconds{10 + 0.1 * (i % 4)};
        sample.concurrency = i < 4 ? 1 : 8;
    }
    const Advice advice = advise(manifest, synthetic::cluster(node, 1), profile);
    CHECK(advice.plan->layout.workers == 12);
    CHECK(advice.plan->layout.threads_per_core == 2);
    CHECK(advice.plan->predicted.wall.p50 < Seconds{17});  // two rounds would take 20
    CHECK(says(advice.reasons, "second_thread_pays"));
    profile.items = 16;
    CHECK(advise(manifest, synthetic::cluster(node, 1), profile).plan->layout.workers == 8);
}

TEST_CASE("total work against overhead decides, not the item time or the item count") {
    CHECK(advise_alone(synthetic::job(1000, Seconds{1e-3}), {1, 1, 2, 1}, kGiB * 8).verdict ==
          Verdict::parallel);
    CHECK(advise_alone(synthetic::job(10000, Seconds{0.7e-6}), {1, 1, 2, 1}, kGiB * 8).verdict ==
          Verdict::serial);
    CHECK(advise_alone(synthetic::job(2, Seconds{10}), {1, 1, 8, 1}, kGiB * 8).verdict ==
          Verdict::parallel);
}

TEST_CASE("chunks of short items take about 0.2 s") {
    const Advice advice =
        advise_alone(synthetic::job(10000000, Seconds{1e-3}, 0.3), {1, 1, 8, 1}, kGiB * 8);
    CHECK(static_cast<double>(advice.plan->layout.chunk) * 1e-3 >= 0.1);
    CHECK(static_cast<double>(advice.plan->layout.chunk) * 1e-3 <= 0.5);
}

TEST_CASE("never more workers than chunks") {
    for (const std::int64_t items : {2, 3, 7, 60, 1000}) {
        const Advice advice =
            advise_alone(synthetic::job(items, Seconds{1}, 0.5), {2, 1, 32, 1}, kGiB * 64);
        std::int64_t chunks = 0;
        std::int64_t assigned = 0;
        for (const RankPlan& rank : advice.plan->ranks) {
            chunks += rank.chunks;
            assigned += rank.items;
        }
        CHECK(advice.plan->layout.workers <= chunks);
        CHECK(assigned == items);
    }
}

TEST_CASE("items that wait earn more workers than cores, up to four times what co-running showed") {
    std::vector<Sample> samples(
        5, Sample{Seconds{0.2}, kMiB * 4, Seconds{0.001}, Seconds{0.001}, {}, {}, 1, {}, 0});
    const Advice unseen = advise_samples(samples, 1000, {1, 1, 2, 1});
    CHECK(unseen.plan->layout.workers > 2);
    CHECK(unseen.plan->layout.workers <= 8);

    for (int i = 0; i < 16; ++i) {
        samples.push_back(
            {Seconds{0.2}, kMiB * 4, Seconds{0.001}, Seconds{0.001}, {}, {}, 16, {}, 0});
    }
    CHECK(advise_samples(samples, 1000, {1, 1, 2, 1}).plan->layout.workers == 64);

    for (Sample& sample : samples) {
        if (sample.concurrency == 16) sample.seconds = Seconds{0.3};  // they begin to queue
    }
    CHECK(advise_samples(samples, 1000, {1, 1, 2, 1}).plan->layout.workers == 16);

    for (Sample& sample : samples) {
        if (sample.concurrency == 16)
            sample.seconds = Seconds{3.2};  // no faster than one after another
    }
    CHECK(advise_samples(samples, 1000, {1, 1, 2, 1}).plan->layout.workers <= 2);
}

TEST_CASE("second threads on which items were seen to do less stay free") {
    const Shape shape{1, 1, 8, 2};
    NodeClass node = synthetic::node_class("a", shape, kGiB * 64);
    node.measured.smt_yield = 1.3;
    const auto workers = [&](double seconds_on_second_threads) {
        JobProfile profile;
        profile.items = 4000;
        const auto add = [&](int count, double seconds, int beside) {
            for (int i = 0; i < count; ++i) {
                Sample sample;
                sample.seconds = Seconds{seconds * (1 + 0.01 * i)};
                sample.concurrency = beside;
                profile.samples.push_back(sample);
            }
        };
        add(10, 10, 1);
        add(8, 10, 8);
        add(16, seconds_on_second_threads, 16);
        return advise(synthetic::job(4000, Seconds{10}), synthetic::cluster(node, 1), profile)
            .plan->layout.workers;
    };
    CHECK(workers(10 * 2 / 1.3) == 16);
    CHECK(workers(10 * 2 / 0.8) == 8);
}

TEST_CASE("items that no number of nodes divides take one round, not two") {
    const Manifest manifest = synthetic::job(151, Seconds{60}, 0.1);
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", {1, 2, 16, 1}, kGiB * 64), 8);
    const Advice advice = advise(manifest, cluster, synthetic::known(151));
    REQUIRE(advice.plan);
    CHECK(advice.plan->layout.workers == 151);
    CHECK(advice.plan->predicted.wall.p50.value < 1.5 * 60);
    std::int64_t items = 0;
    for (const RankPlan& rank : advice.plan->ranks) {
        CHECK(rank.items == rank.workers);
        items += rank.items;
    }
    CHECK(items == 151);
}

TEST_CASE("rising costs are not read as cheap") {
    std::vector<Sample> samples;
    for (const double seconds : {0.001, 0.01, 0.1, 1.0, 5.0})
        samples.push_back({Seconds{seconds}, {}, {}, {}, {}, {}, 1, {}, 0});
    const Advice advice = advise_samples(samples, 100, {1, 1, 8, 1});
    CHECK(advice.verdict == Verdict::parallel);
    CHECK(says(advice.warnings, "samples_trend"));
}

TEST_CASE("uneven items in no order are no trend") {
    std::vector<Sample> samples(5);
    const double seconds[] = {0.1, 3, 0.2, 5, 1};
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i].seconds = Seconds{seconds[i]};
    const Advice advice = advise_samples(samples, 1000, Shape{1, 1, 8, 1});
    CHECK_FALSE(says(advice.warnings, "samples_trend"));
}

TEST_CASE("where memory leaves one worker, the cores are no reason for it") {
    const Advice advice =
        advise_alone(synthetic::job(100, Seconds{1}, 0, kGiB * 6), Shape{1, 1, 8, 1}, kGiB * 8);
    CHECK(advice.verdict == Verdict::serial);
    CHECK(says(advice.reasons, "memory_ceiling"));
    CHECK_FALSE(says(advice.reasons, "one_worker_per_core"));
}

TEST_CASE("the same inputs and seed give the same advice") {
    const Manifest manifest = synthetic::job(5000, Seconds{0.3}, 1.0, kMiB * 500);
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", {2, 2, 8, 2}, kGiB * 128), 8);
    const Advice one = advise(manifest, cluster, synthetic::known(5000), 7);
    const Advice two = advise(manifest, cluster, synthetic::known(5000), 7);
    CHECK(one.plan->predicted.wall.p50 == two.plan->predicted.wall.p50);
    CHECK(one.plan->predicted.wall.p95 == two.plan->predicted.wall.p95);
}

TEST_CASE("every reason has a code, a sentence and no full stop") {
    const Advice advice =
        advise_alone(synthetic::job(5000, Seconds{0.3}, 1.0, kMiB * 500), {2, 2, 8, 2}, kGiB * 128);
    REQUIRE_FALSE(advice.reasons.empty());
    for (const Reason& reason : advice.reasons) {
        CHECK_FALSE(code(reason).empty());
        CHECK_FALSE(text(reason).empty());
        CHECK(text(reason).back() != '.');
    }
}

TEST_CASE("what an alternative is slower by is the difference of the times that are printed") {
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{2, 4, 16, 1}, kGiB * 256), 16);
    const Advice advice =
        advise(synthetic::job(20000, Seconds{10}, 0.8), cluster, synthetic::known(20000));
    REQUIRE(advice.plan);
    const Seconds chosen = advice.plan->predicted.wall.p50;
    int compared = 0;
    for (const Alternative& other : advice.alternatives) {
        const auto* slower = std::get_if<reason::Slower>(&other.against);
        if (slower == nullptr) continue;
        CHECK(slower->by == other.plan.predicted.wall.p50 - chosen);
        ++compared;
    }
    CHECK(compared > 0);
    for (const Reason& one : advice.reasons) {
        const auto* pays = std::get_if<reason::NodesPayOff>(&one);
        if (pays == nullptr) continue;
        CHECK(pays->wall == chosen);
        CHECK(std::any_of(advice.alternatives.begin(), advice.alternatives.end(),
                          [&](const Alternative& other) {
                              return other.plan.layout.nodes == pays->fewer &&
                                     other.plan.predicted.wall.p50 == pays->wall_with_fewer;
                          }));
    }
}

TEST_CASE("one worker is compared with its start in it, as it is printed") {
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 32), 1);
    const Advice advice =
        advise(synthetic::job(10000, Seconds{7e-7}), cluster, synthetic::known(10000));
    REQUIRE(advice.verdict == Verdict::serial);
    const auto* dear = std::get_if<reason::ParallelTooDear>(&advice.reasons.front());
    REQUIRE(dear != nullptr);
    CHECK(dear->serial == advice.plan->predicted.wall.p50);
    REQUIRE(advice.alternatives.size() == 1);
    CHECK(dear->parallel == advice.alternatives.front().plan.predicted.wall.p50);
}
