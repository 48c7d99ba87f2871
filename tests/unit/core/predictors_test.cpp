#include "advisor/core/predictors.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

constexpr Bytes kNode{128 * kGiB.value};

LearningPolicy policy() {
    LearningPolicy chosen;
    chosen.node_memory = kNode;
    return chosen;
}

TaskFacts facts(std::optional<double> input_gib = {}, std::optional<double> requested_gib = {}) {
    TaskFacts known;
    if (input_gib) known.input = kGiB * *input_gib;
    if (requested_gib) known.requested = kGiB * *requested_gib;
    return known;
}

}  // namespace

TEST_CASE("the first request of all is its user's, within the node") {
    const RequestLearner learner(policy());
    CHECK(learner.request("a", facts(1, 8)) == 8 * kGiB);
    CHECK(learner.request("a", facts(1, 500)) == kNode);
    CHECK(learner.request("a", facts()) == kNode);
    CHECK(learner.choice("a", facts()) == "the user's request x 1");
}

TEST_CASE("requests close in on a constant peak") {
    RequestLearner learner(policy());
    for (int i = 0; i < 30; ++i) learner.learn("a", facts({}, 64), 3 * kGiB, {600});
    const Bytes request = learner.request("a", facts({}, 64));
    CHECK(request >= 3 * kGiB);
    CHECK(request <= 3.3 * kGiB);
}

TEST_CASE("requests follow the input where the peak does") {
    RequestLearner learner(policy());
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> size(0.1, 10);
    for (int i = 0; i < 60; ++i) {
        const double input = size(random);
        learner.learn("a", facts(input, 64), kGiB * (1 + 2 * input), {600});
    }
    CHECK(learner.request("a", facts(1, 64)) <= 3.6 * kGiB);
    CHECK(learner.request("a", facts(1, 64)) >= 3 * kGiB);
    CHECK(learner.request("a", facts(9, 64)) >= 19 * kGiB);
    CHECK(learner.request("a", facts({}, 64)) >= 19 * kGiB);  // an unknown input may be the largest
}

TEST_CASE("a request stays within what the user asked for while no task ever took more") {
    RequestLearner learner(policy());
    learner.learn("a", facts({}, 4), 3.9 * kGiB, {60});
    CHECK(learner.request("a", facts({}, 4)) <= 4 * kGiB);
    learner.learn("a", facts({}, 4), 6 * kGiB, {60});
    CHECK(learner.request("a", facts({}, 4)) > 5 * kGiB);
}

TEST_CASE("after a kill a request grows, up to the node and no further") {
    RequestLearner learner(policy());
    learner.learn("a", facts(), 3 * kGiB, {60});
    Bytes request = 1 * kGiB;
    for (int attempt = 0; attempt < 10 && request < kNode; ++attempt) {
        const Bytes next = learner.request_after_kill("a", facts(), request);
        REQUIRE(next > request);
        request = next;
    }
    CHECK(request == kNode);
    CHECK(learner.request_after_kill("a", facts(), kNode) == kNode);
}

TEST_CASE("a retry goes where the group's largest excess went") {
    RequestLearner learner(policy());
    std::mt19937_64 random(17);
    std::uniform_real_distribution<double> size(1, 10);
    for (int i = 0; i < 80; ++i) {
        const double input = size(random);
        const double excess = i % 20 == 10 ? 1.3 : 1;  // one in twenty takes 1.3 times as much
        learner.learn("a", facts(input, 64), kGiB * (2 * input * excess), {600});
    }
    const Bytes next = learner.request_after_kill("a", facts(5, 64), kGiB * 10.5);
    CHECK(next >= 13 * kGiB);
    CHECK(next <= 16 * kGiB);  // doubling would ask for 21
}

TEST_CASE("a new group's first request follows what other users asked too much") {
    RequestLearner learner(policy());
    for (int i = 0; i < 20; ++i)
        learner.learn("group " + std::to_string(i), facts({}, 64), 4 * kGiB, {600});
    const Bytes first = learner.request("new", facts({}, 64));
    CHECK(first >= 4 * kGiB);
    CHECK(first <= 8 * kGiB);
    CHECK(learner.request_after_kill("new", facts({}, 64), first) == 64 * kGiB);
    CHECK(learner.request_after_kill("new", facts({}, 64), 64 * kGiB) == kNode);
}

TEST_CASE("a new group's first request is its user's where users know what they need") {
    RequestLearner learner(policy());
    for (int i = 0; i < 20; ++i)
        learner.learn("group " + std::to_string(i), facts({}, 64), 60 * kGiB, {600});
    CHECK(learner.request("new", facts({}, 64)) == 64 * kGiB);
}

TEST_CASE("ties, run times of 0, empty inputs and peaks of 0 do no harm") {
    RequestLearner learner(policy());
    for (int i = 0; i < 40; ++i) {
        learner.learn("a", facts(0.0, 0.0), Bytes{i % 3 == 0 ? 0 : 4096}, {0});
        const Bytes request =
            learner.request("a", facts(i % 2 == 0 ? std::optional(0.0) : std::nullopt));
        REQUIRE(request.value > 0);
        REQUIRE(request <= kNode);
    }
}

TEST_CASE("a task that took next to nothing does not make the others' requests too small") {
    RequestLearner learner(policy());
    for (int i = 0; i < 12;
         ++i) {  // groups of 4 GiB tasks, each with one that was seen for an instant
        const std::string group = "early " + std::to_string(i);
        for (int task = 0; task < 9; ++task) {
            learner.learn(group, facts({}, 64), task == 7 ? Bytes{4096} : 4 * kGiB, {600});
        }
    }
    std::mt19937_64 random(5);
    std::uniform_real_distribution<double> peak(3, 9);
    int killed = 0;
    for (int i = 0; i < 400; ++i) {
        const Bytes taken = kGiB * peak(random);
        killed += learner.request("late", facts({}, 64)) < taken;
        learner.learn("late", facts({}, 64), taken, {100});
    }
    CHECK(killed < 80);
}

TEST_CASE("requests follow a peak with a floor and a roof") {
    RequestLearner learner(policy());
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> exponent(-2, 2);
    const auto taken = [](double input) { return kGiB * std::clamp(2 * input, 0.5, 8.0); };
    for (int i = 0; i < 200; ++i) {
        const double input = std::pow(10, exponent(random));
        learner.learn("a", facts(input, 64), taken(input), {600});
    }
    for (const double input : {0.02, 0.1, 0.6, 1.5, 3.0, 20.0, 80.0}) {
        CAPTURE(input, learner.choice("a", facts(input, 64)));
        CHECK(learner.request("a", facts(input, 64)) >= taken(input));
        CHECK(learner.request("a", facts(input, 64)) <= 1.35 * taken(input));
    }
}

TEST_CASE("a dearer kill is risked less often") {
    const auto request_at = [](double kill_price) {
        LearningPolicy chosen = policy();
        chosen.kill_price = kill_price;
        RequestLearner learner(chosen);
        std::mt19937_64 random(11);
        std::lognormal_distribution<double> peak(0, 0.5);
        for (int i = 0; i < 300; ++i) learner.learn("a", facts({}, 64), kGiB * peak(random), {600});
        return learner.request("a", facts({}, 64));
    };
    CHECK(request_at(100) > request_at(0));
}
