#include "advisor/core/memory_request.hpp"

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

Sample sample_of(double peak, std::optional<double> input = {}) {
    Sample sample;
    sample.seconds = {1};
    sample.peak_rss = Bytes{static_cast<std::int64_t>(peak)};
    if (input) sample.input = Bytes{static_cast<std::int64_t>(*input)};
    return sample;
}

std::vector<Sample> samples_of(const std::vector<double>& peaks) {
    std::vector<Sample> samples;
    samples.reserve(peaks.size());
    for (double peak : peaks) samples.push_back(sample_of(peak));
    return samples;
}

using Draw = std::function<double(std::mt19937_64&)>;

struct Law {
    std::string name;
    Draw draw;
};

std::vector<Law> laws() {
    using Random = std::mt19937_64;
    return {
        {"lognormal, cv 0.3",
         [](Random& r) { return 1e9 * std::lognormal_distribution<double>(0, 0.2936)(r); }},
        {"lognormal, cv 2",
         [](Random& r) { return 1e9 * std::lognormal_distribution<double>(0, 1.2686)(r); }},
        {"normal, cv 0.1", [](Random& r) { return std::normal_distribution<double>(1e9, 1e8)(r); }},
        {"Pareto 1.5",
         [](Random& r) {
             return 1e9 * std::pow(std::uniform_real_distribution<double>(1e-12, 1)(r), -1 / 1.5);
         }},
        {"bimodal, 10 % six times as large",
         [](Random& r) {
             const double mode = std::bernoulli_distribution(0.1)(r) ? 6e9 : 1e9;
             return mode * std::normal_distribution<double>(1, 0.02)(r);
         }},
        {"bimodal, halves",
         [](Random& r) { return std::bernoulli_distribution(0.5)(r) ? 3e9 : 1e9; }},
        {"constant", [](Random&) { return 1e9; }},
    };
}

/// How often one more item exceeds a request made from n samples.
struct Outcome {
    double exceeded = 0;    ///< share of the jobs whose next item did
    double risk = 0;        ///< what the requests promised, on average
    double covered = 0;     ///< share of the jobs whose request covers 95 % of the items to come
    double confidence = 0;  ///< of which the requests promised, on average
};

constexpr int kJobs = 800;

Outcome simulate(const Law& law, int n) {
    std::mt19937_64 random(static_cast<unsigned>(20240 + n));
    Outcome outcome;
    for (int job = 0; job < kJobs; ++job) {
        std::vector<double> peaks;
        peaks.reserve(static_cast<std::size_t>(n));
        for (int i = 0; i < n; ++i) peaks.push_back(law.draw(random));
        const MemoryRequest request = request_memory(samples_of(peaks)).value();
        int within = 0;
        for (int i = 0; i < 100; ++i) {
            within += std::floor(law.draw(random)) <= static_cast<double>(request.per_worker.value);
        }
        outcome.exceeded += (100 - within) / 100.0 / kJobs;
        outcome.risk += request.risk.value / kJobs;
        outcome.covered += (within >= 95) / static_cast<double>(kJobs);
        outcome.confidence += request.confidence.value / kJobs;
    }
    return outcome;
}

}  // namespace

TEST_CASE(
    "a request is exceeded no more often than the risk it promised, whatever the distribution") {
    for (const Law& law : laws()) {
        for (int n : {1, 2, 3, 5, 10, 30, 60, 100}) {
            CAPTURE(law.name, n);
            const Outcome outcome = simulate(law, n);
            const double error = std::sqrt(outcome.risk * (1 - outcome.risk) / kJobs);
            CHECK(outcome.exceeded <= outcome.risk + 3 * error);
        }
    }
}

TEST_CASE("the wanted 5 % are kept from 19 samples on") {
    for (const Law& law : laws()) {
        for (int n : {19, 30, 59, 100}) {
            CAPTURE(law.name, n);
            CHECK(simulate(law, n).exceeded <= 0.05 + 0.01);
        }
    }
}

TEST_CASE("where the assumption named holds, 95 % are covered with the confidence stated") {
    for (const Law& law : laws()) {
        const bool lognormal = law.name.starts_with("lognormal");
        if (!lognormal && law.name != "constant" && law.name != "normal, cv 0.1") continue;
        for (int n : {3, 5, 10, 30}) {
            CAPTURE(law.name, n);
            const Outcome outcome = simulate(law, n);
            // Coverage is judged by 100 further items, which blurs it by some hundredths.
            CHECK(outcome.covered >= outcome.confidence - 0.06);
            CHECK(outcome.exceeded <= 0.05);
        }
    }
}

TEST_CASE("without samples there is no request") {
    CHECK_FALSE(request_memory({}));
    Sample without_peak;
    CHECK_FALSE(request_memory(std::vector<Sample>{without_peak}));
}

TEST_CASE("one sample promises half and says how many are missing") {
    const MemoryRequest request = request_memory(samples_of({1e9})).value();
    CHECK(request.per_worker == Bytes{1000000000});
    CHECK(request.risk.value == Approx(0.5));
    CHECK(request.samples_missing == 58);
    CHECK(request.method == "the only sample");
}

TEST_CASE("few samples take the lognormal fit, many none") {
    const MemoryRequest few = request_memory(samples_of({1e9, 1.2e9, 0.9e9, 1.1e9, 1.4e9})).value();
    CHECK(few.method == "lognormal fit to 5 samples");
    CHECK(few.per_worker > Bytes{1400000000});
    CHECK(few.confidence.value == Approx(0.8));
    CHECK(few.samples_missing == 54);

    std::vector<double> peaks;
    for (int i = 1; i <= 100; ++i) peaks.push_back(1e7 * i);
    const MemoryRequest many = request_memory(samples_of(peaks)).value();
    CHECK(many.method == "rank 99 of 100 samples");
    CHECK(many.per_worker == Bytes{990000000});
    CHECK(many.samples_missing == 0);
    CHECK(many.confidence.value == Approx(0.95));
}

TEST_CASE("failed samples and those without a peak do not count") {
    std::vector<Sample> samples = samples_of({1e9, 1e9, 9e9, 1e9});
    samples[2].exit_code = 137;
    samples[3].peak_rss.reset();
    const MemoryRequest request = request_memory(samples).value();
    CHECK(request.samples == 2);
    CHECK(request.per_worker == Bytes{1000000000});
}

TEST_CASE("memory that rises with input size is asked for by input size") {
    std::mt19937_64 random(7);
    std::normal_distribution<double> noise(0, 2e7);
    std::vector<Sample> samples;
    for (int i = 1; i <= 12; ++i)
        samples.push_back(sample_of(3e8 + 2.0 * i * 1e8 + noise(random), i * 1e8));
    MemoryGoal goal;
    goal.input = Bytes{600000000};
    const MemoryRequest inside = request_memory(samples, goal).value();
    CHECK(inside.method == "fit on input size, 12 samples");
    CHECK_FALSE(inside.extrapolated);
    CHECK(inside.per_worker > Bytes{1500000000});
    CHECK(inside.per_worker < Bytes{1650000000});
    CHECK(static_cast<double>(inside.base.value) == Approx(3e8).epsilon(0.2));

    goal.input = Bytes{12000000000};
    const MemoryRequest beyond = request_memory(samples, goal).value();
    CHECK(beyond.extrapolated);
    CHECK(beyond.risk.value == 1);
    CHECK(beyond.per_worker > Bytes{24000000000});
}

TEST_CASE("memory that does not follow input size ignores it") {
    std::vector<Sample> samples = samples_of({1e9, 1.1e9, 0.9e9, 1.2e9, 1e9, 0.95e9});
    const std::vector<double> inputs{5, 1, 4, 2, 3, 6};
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i].input = Bytes{static_cast<std::int64_t>(inputs[i] * 1e8)};
    }
    MemoryGoal goal;
    goal.input = Bytes{100000000};
    CHECK(request_memory(samples, goal)->method == "lognormal fit to 6 samples");
}

TEST_CASE("requests by input size keep the promise within the sampled range") {
    for (int n : {5, 10, 30}) {
        CAPTURE(n);
        std::mt19937_64 random(31);
        std::lognormal_distribution<double> input(0, 0.7);
        std::lognormal_distribution<double> noise(0, 0.15);
        double exceeded = 0;
        double promised = 0;
        int jobs = 0;
        for (int job = 0; job < kJobs; ++job) {
            std::vector<Sample> samples;
            for (int i = 0; i < n; ++i) {
                const double x = 1e9 * input(random);
                samples.push_back(sample_of((5e8 + 3 * x) * noise(random), x));
            }
            const double next = 1e9 * input(random);
            MemoryGoal goal;
            goal.input = Bytes{static_cast<std::int64_t>(next)};
            const MemoryRequest request = request_memory(samples, goal).value();
            if (request.extrapolated) continue;
            ++jobs;
            exceeded +=
                (5e8 + 3 * next) * noise(random) > static_cast<double>(request.per_worker.value);
            promised += request.risk.value;
        }
        CHECK(exceeded / jobs <= promised / jobs + 0.01);
    }
}

TEST_CASE("a fit that no node could hold is not believed where the largest sample fits") {
    const std::vector<Sample> samples{sample_of(0.3e6), sample_of(9e6)};
    const Bytes fitted = request_memory(samples).value().per_worker;
    REQUIRE(fitted.value > std::int64_t{100} << 30);
    MemoryGoal goal;
    goal.most = 16 * kGiB;
    const MemoryRequest request = request_memory(samples, goal).value();
    CHECK(request.per_worker.value == 9'000'000);
    CHECK(request.method == "largest of 2 samples");
    CHECK(request.risk.value == Approx(1.0 / 3));
    goal.most = Bytes{1'000'000};
    CHECK(request_memory(samples, goal).value().per_worker.value == 9'000'000);
}
