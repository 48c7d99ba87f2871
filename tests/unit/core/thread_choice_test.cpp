#include "advisor/core/thread_choice.hpp"

#include <algorithm>

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

Sample sample(const std::string& item, Seconds seconds, Bytes peak, int threads = 0) {
    Sample made;
    made.item = item;
    made.seconds = seconds;
    made.user = seconds * std::max(1, threads);
    made.system = Seconds{0};
    made.peak_rss = peak;
    made.threads = threads;
    return made;
}

/// Two items, and again with 2 and 4 threads, which make them `faster` and `faster`^2 times as
/// fast.
JobProfile profile(std::int64_t items, Bytes peak, double faster) {
    JobProfile made;
    made.items = items;
    made.samples = {sample("a", Seconds{10}, peak), sample("b", Seconds{20}, peak)};
    for (const int threads : {2, 4}) {
        const double factor = threads == 2 ? 1 / faster : 1 / (faster * faster);
        made.more_threads.push_back(sample("a", Seconds{10} * factor, peak, threads));
        made.more_threads.push_back(sample("b", Seconds{20} * factor, peak, threads));
    }
    return made;
}

Manifest open_threads(std::int64_t items) {
    Manifest manifest = synthetic::job(items, Seconds{1});
    manifest.profile = {};
    manifest.resources.try_threads = true;
    return manifest;
}

Cluster eight_cores(Bytes memory) {
    return synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, memory), 1, false);
}

bool says(const std::vector<Reason>& reasons, const std::string& wanted) {
    return std::any_of(reasons.begin(), reasons.end(),
                       [&](const Reason& reason) { return code(reason) == wanted; });
}

}  // namespace

TEST_CASE("an item is compared with itself, so that other items cannot pass for threads") {
    JobProfile tried = profile(100, kGiB, 1.8);
    tried.samples.push_back(sample("c", Seconds{1000}, kGiB * 9));
    const std::vector<ThreadScaling> scalings = threads_tried(tried);
    REQUIRE(scalings.size() == 2);
    CHECK(scalings[0].threads == 2);
    CHECK(scalings[0].seconds == Approx(1 / 1.8));
    CHECK(scalings[1].threads == 4);
    CHECK(scalings[1].seconds == Approx(1 / (1.8 * 1.8)));
    CHECK(scalings[1].memory == Approx(1));
}

TEST_CASE("an item without a name, a time or a run with one thread tells nothing of threads") {
    JobProfile tried = profile(100, kGiB, 1.8);
    for (Sample& sample : tried.more_threads) sample.item = "other";
    CHECK(threads_tried(tried).empty());
    for (Sample& sample : tried.more_threads) sample.item.reset();
    for (Sample& sample : tried.samples) sample.item.reset();
    CHECK(threads_tried(tried).empty());
    tried = profile(100, kGiB, 1.8);
    for (Sample& sample : tried.samples) sample.seconds = Seconds{0};
    CHECK(threads_tried(tried).empty());
    CHECK(settle_threads(open_threads(100), eight_cores(kGiB * 4), tried)
              .manifest.resources.threads == 1);
    tried = profile(100, kGiB, 1.8);
    tried.samples.clear();
    CHECK(settle_threads(open_threads(100), eight_cores(kGiB * 4), tried).alternatives.empty());
}

TEST_CASE("core hours are dearer with threads that do not scale") {
    Manifest manifest = open_threads(100);
    manifest.goal = Goal::cost;
    const ThreadChoice choice =
        settle_threads(manifest, eight_cores(kGiB * 4), profile(100, kGiB * 1.5, 1.8));
    CHECK(choice.manifest.resources.threads == 1);
}

TEST_CASE("where memory holds few workers, each gets the cores that would stand idle") {
    const ThreadChoice choice =
        settle_threads(open_threads(100), eight_cores(kGiB * 4), profile(100, kGiB * 1.5, 1.8));
    CHECK(choice.manifest.resources.threads == 4);
    CHECK_FALSE(choice.manifest.resources.try_threads);
    CHECK(says(choice.reasons, "threads_taken"));
    CHECK(choice.alternatives.size() == 2);
    const Advice advice = advise(choice.manifest, eight_cores(kGiB * 4), choice.profile);
    REQUIRE(advice.plan);
    CHECK(advice.plan->layout.workers == 2);
    CHECK(advice.plan->layout.cpus_per_worker == 4);
}

TEST_CASE("where every core can have a worker, one thread each does most") {
    const ThreadChoice choice =
        settle_threads(open_threads(100), eight_cores(kGiB * 64), profile(100, kGiB, 1.8));
    CHECK(choice.manifest.resources.threads == 1);
    CHECK(says(choice.reasons, "threads_not_taken"));
}

TEST_CASE("fewer items than cores are spread over threads") {
    const ThreadChoice choice =
        settle_threads(open_threads(2), eight_cores(kGiB * 64), profile(2, kGiB, 1.8));
    CHECK(choice.manifest.resources.threads == 4);
}

TEST_CASE("threads that make nothing faster are not taken") {
    const ThreadChoice choice =
        settle_threads(open_threads(100), eight_cores(kGiB * 4), profile(100, kGiB * 1.5, 1));
    CHECK(choice.manifest.resources.threads == 1);
}

TEST_CASE("a manifest that names its threads keeps them") {
    Manifest manifest = open_threads(100);
    manifest.resources.try_threads = false;
    manifest.resources.threads = 2;
    const ThreadChoice choice =
        settle_threads(manifest, eight_cores(kGiB * 4), profile(100, kGiB * 1.5, 1.8));
    CHECK(choice.manifest.resources.threads == 2);
    CHECK(choice.reasons.empty());
    CHECK(choice.profile.more_threads.empty());
}

TEST_CASE("the speed-up is told over one thread, whatever the plan's workers have") {
    const Cluster cluster = eight_cores(kGiB * 4);
    ThreadChoice choice = settle_threads(open_threads(100), cluster, profile(100, kGiB * 1.5, 1.8));
    const Advice advice =
        beside_other_threads(advise(choice.manifest, cluster, choice.profile), choice);
    REQUIRE(advice.plan);
    CHECK(advice.plan->predicted.serial.value == Approx(1500).epsilon(0.01));
    CHECK(advice.alternatives.size() >= 3);
}

TEST_CASE("side by side, more threads count as fewer workers on as many cores") {
    JobProfile tried = profile(100, kGiB, 2);
    Sample wide = sample("c", Seconds{15}, kGiB);
    wide.concurrency = 8;
    Sample narrow = wide;
    narrow.concurrency = 4;
    tried.samples.insert(tried.samples.end(), {wide, narrow});
    const JobProfile scaled = with_threads(tried, {4, 0.25, 1});
    REQUIRE(scaled.samples.size() == 3);
    CHECK(scaled.samples.back().concurrency == 2);
    CHECK(scaled.samples.back().seconds.value == Approx(15 * 0.25));
}
