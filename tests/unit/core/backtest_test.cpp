#include "advisor/core/backtest.hpp"

#include "tests/bench/backtest/generate_trace.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

constexpr Bytes kNode{128 * kGiB.value};

TraceTask task_of(double peak_gib, double requested_gib, double hours = 1) {
    return {.row = 0,
            .group = "a",
            .input = {},
            .peak = kGiB * peak_gib,
            .seconds = {3600 * hours},
            .requested = kGiB * requested_gib};
}

const RuleOutcome& rule(const Backtest& result, const std::string& name) {
    for (const RuleOutcome& outcome : result.rules) {
        if (outcome.rule == name) return outcome;
    }
    throw std::runtime_error(name);
}

LearningPolicy policy() {
    LearningPolicy chosen;
    chosen.node_memory = kNode;
    return chosen;
}

}  // namespace

TEST_CASE("waste is what was asked for and not used, and all that killed attempts held") {
    const std::vector<TraceTask> trace{task_of(2, 4), task_of(3, 2, 2)};
    const RuleOutcome asked = rule(backtest(trace, policy()), "as requested");
    // 4 - 2 for an hour; 2 killed for two hours, then 4 - 3 for two.
    CHECK(asked.wasted_gib_hours == Approx(2 + 4 + 2));
    CHECK(asked.kills == 1);
    CHECK(asked.requests[1] == std::vector<Bytes>{2 * kGiB, 4 * kGiB});
}

TEST_CASE("a margin over the largest seen starts from the user's request") {
    const std::vector<TraceTask> trace{task_of(2, 4), task_of(2, 4), task_of(3, 4)};
    const RuleOutcome outcome = rule(backtest(trace, policy()), "largest x 1.2");
    CHECK(outcome.wasted_gib_hours == Approx(2 + 0.4 + 2.4 + 1.8));
    CHECK(outcome.kills == 1);
}

TEST_CASE("a task larger than a node is tried at the node's size and left out") {
    const Backtest result = backtest(std::vector<TraceTask>{task_of(200, 4)}, policy());
    for (const RuleOutcome& outcome : result.rules) {
        CHECK(outcome.never_fitted == 1);
        CHECK(outcome.wasted_gib_hours == 0);
        CHECK(outcome.requests[0].back() == kNode);
    }
}

TEST_CASE("a request depends on nothing that comes later") {
    std::vector<TraceTask> trace = bench::generate_trace(5, 400);
    const RuleOutcome before = backtest(trace, policy()).rules.front();
    for (std::size_t i = 200; i < trace.size(); ++i) trace[i].peak = trace[i].peak * 3.0;
    trace[199].peak =
        trace[199].peak * 0.5;  // its own peak decides its retries, not its first request
    const RuleOutcome after = backtest(trace, policy()).rules.front();
    for (std::size_t i = 0; i < 199; ++i) REQUIRE(before.requests[i] == after.requests[i]);
    CHECK(before.requests[199].front() == after.requests[199].front());
}

TEST_CASE("on traces of many kinds our requests waste least, with few kills") {
    double ours = 0;
    double largest = 0;
    double others = 0;
    std::int64_t kills = 0;
    constexpr int kTraces = 6;
    for (std::uint64_t seed = 9000; seed < 9000 + kTraces; ++seed) {
        const Backtest result = backtest(bench::generate_trace(seed, 4000), policy());
        ours += rule(result, "amorsize").wasted_gib_hours;
        largest += rule(result, "largest x 1.2").wasted_gib_hours;
        others +=
            std::min(rule(result, "Tovar").wasted_gib_hours, rule(result, "Witt").wasted_gib_hours);
        kills += rule(result, "amorsize").kills;
        for (const std::vector<Bytes>& attempts : result.rules.front().requests) {
            REQUIRE(attempts.back() <= kNode);
        }
    }
    CHECK(ours < 0.4 * largest);
    CHECK(ours < 0.8 * others);
    CHECK(static_cast<double>(kills) / (kTraces * 4000) < 0.04);
}
