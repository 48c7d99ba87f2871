#include "advisor/core/times_by_input.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/workload.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

/// Items that read files whose sizes fall off as a Pareto law: 1 ms and 100 MB a second, within
/// some noise.
struct FileJob {
    std::vector<Bytes> inputs;
    std::vector<double> seconds;
};

FileJob file_job(Random& random, int items, double noise) {
    FileJob job;
    for (int i = 0; i < items; ++i) {
        const double size = 1e5 * std::pow(random.uniform(), -1 / 1.1);
        const double factor = std::exp(noise * normal_quantile(random.uniform()));
        job.inputs.push_back(Bytes{static_cast<std::int64_t>(size)});
        job.seconds.push_back((0.001 + size * 1e-8) * factor);
    }
    return job;
}

std::vector<SizedTime> timed(const FileJob& job, std::size_t count) {
    std::vector<SizedTime> some;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = i * job.inputs.size() / count;
        some.push_back({job.seconds[at], job.inputs[at]});
    }
    return some;
}

Bytes largest_of(const FileJob& job) {
    return *std::max_element(job.inputs.begin(), job.inputs.end());
}

double sum(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Ten items sampled; `told`: the sizes of all are known.
Advice advised(const FileJob& job, bool told) {
    JobProfile profile = synthetic::known(static_cast<std::int64_t>(job.inputs.size()));
    for (const SizedTime& one : timed(job, 10)) {
        Sample sample;
        sample.seconds = Seconds{one.seconds};
        sample.input = one.input;
        profile.samples.push_back(sample);
    }
    if (told) profile.inputs = job.inputs;
    if (told) profile.largest_input = largest_of(job);
    std::sort(profile.inputs.begin(), profile.inputs.end());
    Manifest manifest = synthetic::job(profile.items, Seconds{1});
    manifest.profile = {};
    const Cluster machine = synthetic::cluster(
        synthetic::node_class("a", synthetic::Shape{1, 1, 4, 1}, kGiB * 64), 1, false);
    return advise(manifest, machine, profile);
}

}  // namespace

TEST_CASE("the sizes of all inputs tell what all items take together, and the longest") {
    Random random(11);
    std::vector<double> by_size;
    std::vector<double> by_mean;
    for (int i = 0; i < 200; ++i) {
        const FileJob job = file_job(random, 400, 0.2);
        const auto sample = timed(job, 10);
        const auto found = times_by_input(sample, job.inputs, largest_of(job));
        if (!found) continue;
        CHECK(std::is_sorted(found->expected.begin(), found->expected.end()));
        CHECK(mean(found->ratios) == Approx(1));
        by_size.push_back(std::abs(std::log(sum(found->expected) / sum(job.seconds))));
        double seconds = 0;
        for (const SizedTime& one : sample) seconds += one.seconds / 10;
        by_mean.push_back(std::abs(std::log(seconds * 400 / sum(job.seconds))));
    }
    REQUIRE(by_size.size() > 180);
    std::sort(by_size.begin(), by_size.end());
    std::sort(by_mean.begin(), by_mean.end());
    CHECK(quantile(by_size, 0.5) < std::log(1.15));
    CHECK(quantile(by_size, 0.5) < quantile(by_mean, 0.5) / 3);
}

TEST_CASE("sizes that times do not follow are left aside") {
    Random random(12);
    int taken = 0;
    for (int i = 0; i < 400; ++i) {
        FileJob job = file_job(random, 100, 0.2);
        for (double& seconds : job.seconds)
            seconds = std::exp(normal_quantile(random.uniform()));  // whatever the size
        taken += times_by_input(timed(job, 10), job.inputs, largest_of(job)) ? 1 : 0;
    }
    CHECK(taken <= 8);  // 2 %
    const FileJob job = file_job(random, 100, 0.2);
    CHECK_FALSE(times_by_input(timed(job, 4), job.inputs, largest_of(job)));
    CHECK_FALSE(times_by_input(timed(job, 10), {}, {}));
}

TEST_CASE("a constant time beside the size's is no negative time of small inputs") {
    const std::vector<SizedTime> steep{{1, {10}}, {3, {20}}, {5, {30}},
                                       {7, {40}}, {9, {50}}, {11, {60}}};
    const std::vector<Bytes> inputs{{1}, {35}};
    const auto found = times_by_input(steep, inputs, Bytes{35});
    REQUIRE(found);
    CHECK(found->expected.front() > 0);
    CHECK(found->largest == Bytes{35});
    CHECK(found->largest_timed == Bytes{60});
}

TEST_CASE(
    "an advice that knows the sizes keeps its 95 % and is narrower; it says what it draws out") {
    Random random(13);
    int beyond = 0;
    int narrower = 0;
    int extrapolated = 0;
    int by_size = 0;
    constexpr int kJobs = 100;
    for (int i = 0; i < kJobs; ++i) {
        const FileJob job = file_job(random, 300, 0.2);
        const Advice told = advised(job, true);
        const Advice untold = advised(job, false);
        REQUIRE(told.plan);
        if (!times_by_input(timed(job, 10), job.inputs, largest_of(job))) continue;
        ++by_size;
        std::vector<double> free(static_cast<std::size_t>(told.plan->layout.workers), 0.0);
        for (const double seconds : job.seconds)
            *std::min_element(free.begin(), free.end()) += seconds;
        const double took = *std::max_element(free.begin(), free.end());
        const WallTime& predicted = told.plan->predicted.wall;
        beyond += took > predicted.p95.value ? 1 : 0;
        narrower += predicted.p95 / predicted.p50 <
                            untold.plan->predicted.wall.p95 / untold.plan->predicted.wall.p50
                        ? 1
                        : 0;
        for (const Reason& warning : told.warnings)
            extrapolated += code(warning) == "time_extrapolated" ? 1 : 0;
    }
    REQUIRE(by_size > 80);
    CHECK(beyond <= by_size / 10);
    CHECK(narrower > by_size * 3 / 4);
    CHECK(extrapolated > by_size * 8 / 10);
}

TEST_CASE("a list that was run before takes as long together as it took") {
    Random random(14);
    const FileJob job = file_job(random, 200, 0.4);
    JobProfile profile = synthetic::known(200);
    profile.source = Source::history;
    for (std::size_t i = 0; i < 200; ++i) {
        Sample sample;
        sample.seconds = Seconds{job.seconds[i]};
        sample.input = job.inputs[i];
        profile.samples.push_back(sample);
    }
    profile.inputs = job.inputs;
    std::sort(profile.inputs.begin(), profile.inputs.end());
    profile.largest_input = largest_of(job);
    Manifest manifest = synthetic::job(200, Seconds{1});
    manifest.profile = {};
    CHECK(summarize(manifest, profile, {}, Seconds{0}).mean_seconds ==
          Approx(sum(job.seconds) / 200));
    for (Bytes& input : profile.inputs) input = input * 2.0;  // other files of the same names
    profile.largest_input = *profile.largest_input * 2.0;
    CHECK(summarize(manifest, profile, {}, Seconds{0}).mean_seconds > 1.5 * sum(job.seconds) / 200);
}
