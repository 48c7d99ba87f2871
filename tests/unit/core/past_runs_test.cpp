#include "advisor/core/past_runs.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "advisor/core/job_profile.hpp"
#include "advisor/core/planned_memory.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

Sample sample_of(double seconds, std::int64_t peak = 100) {
    Sample sample;
    sample.seconds = {seconds};
    sample.peak_rss = Bytes{peak};
    return sample;
}

FinishedRun run_of(std::int64_t input) {
    FinishedRun run;
    run.instance = {{"./a", "00ff", "--seed #", "main/a"}, Bytes{input}};
    run.planned.memory = Bytes{200};
    run.planned.slowdown = 2;
    run.samples = {sample_of(2), sample_of(4)};
    return run;
}

JobProfile tried(std::vector<Sample> samples) {
    JobProfile profile;
    profile.items = 1000;
    profile.samples = std::move(samples);
    return profile;
}

}  // namespace

TEST_CASE("runs of the same program, arguments and input scale are relied on") {
    const auto past = recall(run_of(1900).instance, {run_of(1000), run_of(10000)});
    REQUIRE(past);
    CHECK(past->change == Change::none);
    CHECK(past->runs.size() == 1);
    CHECK_FALSE(recall(run_of(1).instance, {}));
}

TEST_CASE("what has changed is noticed") {
    JobInstance other = run_of(1000).instance;
    other.job.binary = "0100";
    CHECK(recall(other, {run_of(1000)})->change == Change::program);
    other.job.arguments = "--fast";
    CHECK(recall(other, {run_of(1000)})->change == Change::arguments);
    const auto tenfold = recall(run_of(10000).instance, {run_of(1000), run_of(900)});
    CHECK(tenfold->change == Change::input);
    CHECK(tenfold->growth > 11);
    CHECK_FALSE(expected_items(*tenfold));
}

TEST_CASE("a changed input is compared only where both are known") {
    JobInstance unknown = run_of(1000).instance;
    unknown.input.reset();
    CHECK(recall(unknown, {run_of(1000)})->change == Change::none);
}

TEST_CASE("two items within twice the range seen confirm it") {
    const auto expected = expected_items({{run_of(1)}});
    REQUIRE(expected);
    CHECK(expected->shortest == Seconds{1});
    CHECK(expected->longest == Seconds{2});
    CHECK(confirms(*expected, {sample_of(0.6), sample_of(0.6)}));
    CHECK(confirms(*expected, {sample_of(3.9), sample_of(3.9)}));
    CHECK_FALSE(confirms(*expected, {sample_of(1)}));
    CHECK_FALSE(confirms(*expected, {sample_of(4.1), sample_of(4.1)}));
    CHECK_FALSE(confirms(*expected, {sample_of(1), sample_of(1, 201)}));
}

TEST_CASE("confirmed items of earlier runs take the place of those tried") {
    const JobProfile profile = with_past(tried({sample_of(1), sample_of(2, 150)}), {{run_of(1)}});
    CHECK(profile.source == Source::history);
    REQUIRE(profile.samples.size() == 2);
    CHECK(profile.samples[1].seconds == Seconds{2});
    CHECK(profile.past->tried_peak == Bytes{150});
}

TEST_CASE("items that behave otherwise are believed before the history") {
    const JobProfile profile = with_past(tried({sample_of(9), sample_of(9)}), {{run_of(1)}});
    CHECK(profile.source == Source::sampled);
    CHECK(profile.samples.size() == 2);
    CHECK(profile.past->change == Change::behaviour);
    CHECK(profile.past->growth == 6);
}

TEST_CASE("one item is enough where no second was worth its cost") {
    CHECK(with_past(tried({sample_of(1)}), {{run_of(1)}}).source == Source::history);
    const JobProfile other = with_past(tried({sample_of(9)}), {{run_of(1)}});
    CHECK(other.past->change == Change::behaviour);
    const JobProfile none = with_past(tried({}), {{run_of(1)}});
    CHECK(none.source == Source::sampled);
    CHECK(none.past->change == Change::none);
}

TEST_CASE("a first item that was slowed is no other behaviour, one that took more memory is") {
    JobProfile profile = tried({sample_of(1)});
    profile.warm_up = sample_of(90, 150);
    const JobProfile slowed = with_past(profile, {{run_of(1)}});
    CHECK(slowed.source == Source::history);
    CHECK(slowed.past->tried_peak == Bytes{150});
    CHECK_FALSE(slowed.warm_up);
    profile.warm_up = sample_of(1, 201);
    const JobProfile larger = with_past(profile, {{run_of(1)}});
    CHECK(larger.past->change == Change::behaviour);
    REQUIRE(larger.warm_up);
}

TEST_CASE("an answer that was read late makes the next look short, and both are as expected") {
    JobProfile profile = tried({sample_of(0.001), sample_of(1.2)});
    CHECK(with_past(profile, {{run_of(1)}}).past->change == Change::behaviour);
    profile.worker_start = Seconds{5};
    profile.warm_up = sample_of(6.2);
    CHECK(with_past(profile, {{run_of(1)}}).source == Source::history);
}

TEST_CASE("a run that was not whole has no items to tell of") {
    FinishedRun part = run_of(1);
    part.samples.clear();
    CHECK_FALSE(expected_items({{part}}));
    CHECK(remembered_items({{run_of(1), part}}).size() == 2);
}

TEST_CASE("memory grows after a run that ran out of it, and only then") {
    const Manifest manifest;
    FinishedRun last = run_of(1);
    const auto planned = [&] {
        return plan_memory(manifest, with_past(tried({sample_of(1), sample_of(2)}), {{last}}), {});
    };
    const Bytes before = *planned().per_worker;
    last.outcome = RunOutcome::time_limit;
    CHECK(planned().per_worker == before);
    last.outcome = RunOutcome::out_of_memory;
    last.planned.memory = before;
    NodeOffer offer;
    offer.memory = Bytes{1 << 30};
    const PlannedMemory grown =
        plan_memory(manifest, with_past(tried({sample_of(1), sample_of(2)}), {{last}}), {offer});
    CHECK(grown.per_worker == before * 2);
    REQUIRE(grown.reasons.size() == 1);
    CHECK(std::holds_alternative<reason::MemoryGrown>(grown.reasons.front()));
}

TEST_CASE("what a larger run of the job took is what a killed one gets") {
    NodeOffer offer;
    offer.memory = Bytes{1 << 30};
    FinishedRun whole = run_of(1);
    whole.seconds = {60};
    whole.peak = Bytes{3000};
    FinishedRun killed = run_of(1);
    killed.outcome = RunOutcome::out_of_memory;
    killed.planned.memory = Bytes{1000};
    const PlannedMemory grown =
        plan_memory({}, with_past(tried({sample_of(1), sample_of(2)}), {{whole, killed}}), {offer});
    REQUIRE(grown.per_worker);  // a tenth more than the 3000, where twice the 1000 would fail again
    CHECK(*grown.per_worker >= Bytes{3300});
    CHECK(*grown.per_worker <= Bytes{3301});
}

namespace {

/// Runs that ended well, each planned with and taking so much.
PastRuns planned_and_taken(const std::vector<std::pair<std::int64_t, std::int64_t>>& sizes) {
    PastRuns past;
    for (const auto& [planned, peak] : sizes) {
        FinishedRun run = run_of(1);
        run.seconds = {60};
        run.planned.memory = Bytes{planned};
        run.peak = Bytes{peak};
        past.runs.push_back(run);
    }
    return past;
}

PlannedMemory plan_after(const PastRuns& past) {
    NodeOffer offer;
    offer.memory = Bytes{1 << 30};
    return plan_memory({}, with_past(tried({sample_of(2), sample_of(3)}), past), {offer});
}

bool learned(const PlannedMemory& planned) {
    return std::holds_alternative<reason::MemoryFromRuns>(planned.reasons.front());
}

}  // namespace

TEST_CASE("three runs that took far less than planned teach the next request") {
    const PlannedMemory planned =
        plan_after(planned_and_taken({{9000, 1000}, {9000, 1010}, {9000, 990}, {9000, 1000}}));
    REQUIRE(learned(planned));
    CHECK(*planned.per_worker >= Bytes{1000});
    CHECK(*planned.per_worker <= Bytes{1500});
    CHECK(planned.fact.source == Source::history);
}

TEST_CASE("the items' request stays where runs teach no better or too little") {
    CHECK_FALSE(learned(plan_after(planned_and_taken({{9000, 1000}, {9000, 1010}}))));
    // Below the largest peak, and it did: workers of a node share their memory.
    CHECK_FALSE(learned(
        plan_after(planned_and_taken({{800, 1000}, {800, 1010}, {800, 990}, {800, 1000}}))));
    PastRuns changed = planned_and_taken({{9000, 1000}, {9000, 1010}, {9000, 990}});
    changed.change = Change::program;
    CHECK_FALSE(learned(plan_after(changed)));
}

TEST_CASE("the items kept of a long run have its mean time, and each has the same chance") {
    Random random(7);
    for (const int items : {501, 600, 750, 999, 3001}) {
        double ratios = 0;
        double longest_kept = 0;
        constexpr int kRuns = 300;
        for (int run = 0; run < kRuns; ++run) {
            std::vector<double> seconds;
            for (int i = 0; i < items; ++i) seconds.push_back(std::pow(random.uniform(), -1 / 1.5));
            const std::vector<std::size_t> kept = standing_for_all(seconds);
            REQUIRE(kept.size() == kItemsKept);
            REQUIRE(std::set<std::size_t>(kept.begin(), kept.end()).size() == kept.size());
            double sum = 0;
            for (const std::size_t which : kept) sum += seconds[which];
            ratios += sum / static_cast<double>(kept.size()) / mean(seconds) / kRuns;
            const double longest = *std::max_element(seconds.begin(), seconds.end());
            for (const std::size_t which : kept)
                longest_kept += seconds[which] >= longest ? 1.0 / kRuns : 0;
        }
        CAPTURE(items);
        CHECK(ratios == Approx(1).epsilon(0.03));
        CHECK(longest_kept == Approx(static_cast<double>(kItemsKept) / items).margin(0.09));
    }
    CHECK(standing_for_all({1, 2, 3}) == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("of an array of many elements the items kept are as long as all, and the later as many") {
    Random random(8);
    double ratios = 0;
    double late = 0;
    constexpr int kArrays = 10;
    for (int array = 0; array < kArrays; ++array) {
        FinishedRun all = run_of(1);
        all.items = 0;
        all.samples.clear();
        double sum = 0;
        constexpr int kElements = 200;
        for (int element = 0; element < kElements; ++element) {
            FinishedRun one = run_of(1);
            one.items = 500;
            one.samples.clear();
            for (int i = 0; i < 500; ++i) {
                one.samples.push_back(sample_of(std::exp(normal_quantile(random.uniform()))));
                one.samples.back().peak_rss = Bytes{element};
                sum += one.samples.back().seconds.value;
            }
            all = with_element(std::move(all), one);
        }
        CHECK(all.samples.size() >= kItemsKept * 3 / 4);
        CHECK(all.samples.size() <= kItemsKept + 2);
        double kept = 0;
        for (const Sample& sample : all.samples) {
            kept += sample.seconds.value / static_cast<double>(all.samples.size());
            late += sample.peak_rss->value >= kElements / 2
                        ? 1.0 / static_cast<double>(all.samples.size())
                        : 0;
        }
        ratios += kept / (sum / (500 * kElements)) / kArrays;
    }
    CHECK(ratios == Approx(1).epsilon(0.05));
    CHECK(late / kArrays == Approx(0.5).margin(0.05));
}

TEST_CASE(
    "elements of an array are one run: an element's time, the largest peak, the gravest end") {
    FinishedRun one = run_of(1);
    one.seconds = {10};
    one.items = 30;
    one.peak = Bytes{500};
    one.predicted = Seconds{12};
    FinishedRun other = one;
    other.seconds = {20};
    other.items = 10;
    other.peak = Bytes{700};
    other.outcome = RunOutcome::time_limit;
    other.samples.clear();
    const FinishedRun both = with_element(one, other);
    CHECK(both.seconds == Seconds{12.5});
    CHECK(both.items == 40);
    CHECK(both.peak == Bytes{700});
    CHECK(both.predicted == Seconds{12});
    CHECK(both.outcome == RunOutcome::time_limit);
    CHECK(both.samples.size() == one.samples.size());
    other.outcome = RunOutcome::out_of_memory;
    CHECK(with_element(other, both).outcome == RunOutcome::out_of_memory);
}
