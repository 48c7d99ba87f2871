#include <algorithm>
#include <cmath>
#include <vector>

#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/workload.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

double lognormal(Random& random, double cv) {
    return std::exp(std::sqrt(std::log(1 + cv * cv)) * normal_quantile(random.uniform()));
}

void add(JobProfile& profile, double seconds, int concurrency) {
    profile.samples.push_back({Seconds{seconds}, {}, {}, {}, {}, {}, concurrency, {}, 0});
}

/// Items alone, then a round of `width` that end one after another: the longest had the least
/// company.
JobProfile sampled_round(int alone, int width, auto seconds) {
    JobProfile profile = synthetic::known(1000);
    for (int i = 0; i < alone; ++i) add(profile, seconds(), 1);
    std::vector<double> round;
    round.reserve(static_cast<std::size_t>(width));
    for (int i = 0; i < width; ++i) round.push_back(seconds());
    std::sort(round.begin(), round.end());
    for (std::size_t i = 0; i < round.size(); ++i) {
        double together = 0;
        for (const double other : round) together += std::min(other, round[i]);
        add(profile, round[i],
            std::max(1, static_cast<int>(std::ceil(together / round[i] - 0.05))));
    }
    return profile;
}

double throughput(const JobProfile& profile, int workers, const SharedCores& cores) {
    const Workload work =
        summarize(synthetic::job(profile.items, Seconds{1}), profile, {}, Seconds{0}, cores);
    return node_throughput(work, workers, cores);
}

}  // namespace

TEST_CASE("items that do not hinder each other are seldom said to") {
    Random random(31);
    const auto wrong = [&](auto seconds) {
        int jobs = 0;
        for (int i = 0; i < 400; ++i) {
            if (throughput(sampled_round(5, 32, seconds), 32, {32, 1}) < 0.95 * 32) ++jobs;
        }
        return jobs / 400.0;
    };
    CHECK(wrong([&] { return lognormal(random, 0.3); }) < 0.05);
    CHECK(wrong([&] { return lognormal(random, 1.5); }) < 0.05);
    // One in ten is thirty times as long: the round has some, the five alone as a rule have none.
    CHECK(wrong([&] { return lognormal(random, 0.1) * (random.uniform() < 0.1 ? 30 : 1); }) < 0.05);
}

TEST_CASE("a slowdown is found, and what the clock explains of it is no contention") {
    Random random(32);
    JobProfile slow = synthetic::known(1000);
    for (int i = 0; i < 10; ++i) add(slow, lognormal(random, 0.1), 1);
    for (int i = 0; i < 32; ++i) add(slow, 4 * lognormal(random, 0.1), 32);
    CHECK(std::abs(throughput(slow, 32, {32, 1}) - 8) < 1);
    CHECK(throughput(slow, 8, {32, 1}) >
          5);  // near the bend of the roof, not on the chord from 1 to 32
    CHECK(throughput(slow, 16, {32, 1}) > 6.8);

    JobProfile clocked = synthetic::known(1000);
    for (int i = 0; i < 10; ++i) add(clocked, lognormal(random, 0.05), 1);
    for (int i = 0; i < 32; ++i) add(clocked, lognormal(random, 0.05) / 0.8, 32);
    CHECK(std::abs(throughput(clocked, 32, {32, 0.8}) - 32 * 0.8) < 1.5);
    CHECK(throughput(clocked, 64, {32, 0.8, 1.3}) > 32 * 0.8 * 1.2);  // second threads still pay
}

TEST_CASE("a slowdown that five items alone do not show is found between rounds") {
    Random random(34);
    int found = 0;
    for (int i = 0; i < 100; ++i) {
        JobProfile profile = synthetic::known(1000);
        const auto seconds = [&] { return lognormal(random, 1); };
        for (int k = 0; k < 5; ++k) add(profile, seconds(), 1);
        for (int k = 0; k < 32; ++k) add(profile, seconds(), 32);
        for (int k = 0; k < 64; ++k) add(profile, 2 * seconds(), 64);
        if (throughput(profile, 64, {64, 1}) < 0.75 * 64) ++found;
    }
    CHECK(found > 75);
}

TEST_CASE("the long items of a round, which end in less company, are no round of their own") {
    JobProfile profile = synthetic::known(1000);
    for (int k = 0; k < 8; ++k) add(profile, 1 + 0.01 * k, 1);
    for (int k = 0; k < 115; ++k) add(profile, 1 + 0.001 * k, 80 + k % 20);
    for (int k = 0; k < 13; ++k) add(profile, 30 + 0.1 * k, 17);
    CHECK(throughput(profile, 128, {128, 1}) > 0.95 * 128);
    const Workload work =
        summarize(synthetic::job(1000, Seconds{1}), profile, {}, Seconds{0}, {128, 1});
    CHECK(work.samples == 136);
    CHECK(work.mean_seconds == Approx(3.9).margin(0.1));
}

TEST_CASE("more workers never have a lower throughput, and never more than one each") {
    Random random(33);
    for (int i = 0; i < 200; ++i) {
        JobProfile profile = synthetic::known(1000);
        const double slowdown = 1 + 10 * random.uniform();
        const int width = 2 + static_cast<int>(random.below(100));
        for (int k = 0; k < 5; ++k) add(profile, lognormal(random, 0.2), 1);
        for (int k = 0; k < width; ++k) add(profile, slowdown * lognormal(random, 0.2), width);
        double before = 0;
        for (int workers = 1; workers <= 128; ++workers) {
            const double now = throughput(profile, workers, {128, 1});
            CAPTURE(i, slowdown, width, workers);
            if (slowdown < 0.7 * width) REQUIRE(now >= before * 0.999);
            REQUIRE(now <= workers * 1.001);
            before = now;
        }
    }
}
