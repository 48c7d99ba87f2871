#include <algorithm>

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

/// Items of 4 s alone, and a round of `width` in which each took `slower` times as long.
JobProfile profile(int width, double slower) {
    JobProfile made = synthetic::known(4000);
    for (int i = 0; i < 8; ++i) {
        Sample sample;
        sample.seconds = Seconds{4 + 0.01 * i};
        sample.user = sample.seconds;
        sample.system = Seconds{0};
        made.samples.push_back(sample);
    }
    for (int i = 0; i < width; ++i) {
        Sample sample = made.samples[static_cast<std::size_t>(i) % 8];
        sample.seconds = sample.seconds * slower;
        sample.user = sample.seconds;
        sample.concurrency = width;
        made.samples.push_back(sample);
    }
    return made;
}

NodeClass node(Shape shape) {
    NodeClass made = synthetic::node_class("a", shape, kGiB * 64);
    made.measured.bandwidth_per_numa = DomainBandwidth{{10e9}, {42e9}};
    return made;
}

Advice advise_on(const NodeClass& node, const JobProfile& known) {
    Manifest manifest = synthetic::job(known.items, Seconds{1});
    manifest.profile = {};
    return advise(manifest, synthetic::cluster(node, 1, false), known);
}

template <class Wanted>
const Wanted* find(const Advice& advice) {
    for (const Reason& reason : advice.reasons) {
        if (const auto* found = std::get_if<Wanted>(&reason)) return found;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("the cores that saturate a domain are told, and those taken come near them") {
    const Advice advice = advise_on(node({1, 1, 16, 1}), profile(16, 4));
    const auto* said = find<reason::BandwidthSaturates>(advice);
    REQUIRE(said != nullptr);
    CHECK(said->cores == 4);  // 16 at a quarter of the pace
    CHECK(said->of_cores == 16);
    CHECK(said->taken == advice.plan->layout.workers);
    CHECK(said->taken > 4);
    CHECK(said->taken < 16);
    CHECK(said->more <= Fraction{0.05});
    CHECK(said->streaming == 5);
    const std::string words = text(*said);
    CHECK(words.find("4 of 16 cores saturate this domain") == 0);
    CHECK(words.find(std::to_string(said->taken) + " are taken") != std::string::npos);
    CHECK(words.find("full with 5 cores") != std::string::npos);
}

TEST_CASE("nothing saturates where items do not hinder each other, or memory keeps cores free") {
    CHECK(find<reason::BandwidthSaturates>(advise_on(node({1, 1, 16, 1}), profile(16, 1))) ==
          nullptr);
    JobProfile large = profile(16, 4);
    for (Sample& sample : large.samples) sample.peak_rss = kGiB * 10;
    const Advice few = advise_on(node({1, 1, 16, 1}), large);
    CHECK(find<reason::BandwidthSaturates>(few) == nullptr);
}

TEST_CASE("a second thread is not called worthless where the items are why it is left out") {
    NodeClass two_threads = node({1, 1, 16, 2});
    two_threads.measured.smt_yield = 1.3;
    CHECK(text(reason::SecondThreadRejected{1.3, true}).find("slow each other down already") !=
          std::string::npos);
    CHECK(text(reason::SecondThreadRejected{1.04, false}) ==
          "a second hardware thread on a core yields 1.04 x, not worth it");
    const Advice advice = advise_on(two_threads, profile(16, 1.25));
    const auto* said = find<reason::SecondThreadRejected>(advice);
    REQUIRE(said != nullptr);
    CHECK(said->items_hinder);
}
