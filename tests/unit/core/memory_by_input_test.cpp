#include <algorithm>
#include <random>

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/planned_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

/// A job whose items read files: peaks are a base and three times the input, within some noise.
struct FileJob {
    std::vector<double> inputs;  // bytes
    std::vector<double> peaks;   // bytes
};

FileJob file_job(std::mt19937_64& random, int items, double noise) {
    std::lognormal_distribution<double> input(0, 0.8);
    std::lognormal_distribution<double> factor(0, noise);
    FileJob job;
    for (int i = 0; i < items; ++i) {
        job.inputs.push_back(2e8 * input(random));
        job.peaks.push_back((1e8 + 3 * job.inputs.back()) * factor(random));
    }
    return job;
}

/// As many items as asked for at even steps of the list.
JobProfile sampled(const FileJob& job, int samples, bool sizes_known) {
    JobProfile profile;
    profile.items = static_cast<std::int64_t>(job.inputs.size());
    for (int i = 0; i < samples; ++i) {
        const std::size_t at =
            static_cast<std::size_t>(i) * job.inputs.size() / static_cast<std::size_t>(samples);
        Sample sample;
        sample.seconds = Seconds{1};
        sample.input = Bytes{static_cast<std::int64_t>(job.inputs[at])};
        sample.peak_rss = Bytes{static_cast<std::int64_t>(job.peaks[at])};
        profile.samples.push_back(sample);
    }
    if (sizes_known)
        profile.largest_input = Bytes{
            static_cast<std::int64_t>(*std::max_element(job.inputs.begin(), job.inputs.end()))};
    return profile;
}

PlannedMemory planned(const JobProfile& profile) {
    const Manifest manifest = synthetic::job(profile.items, Seconds{1});
    Manifest unknown = manifest;
    unknown.profile = {};
    NodeOffer offer;
    offer.memory = kGiB * 256;
    return plan_memory(unknown, profile, {offer});
}

bool says(const std::vector<Reason>& reasons, const std::string& wanted) {
    return std::any_of(reasons.begin(), reasons.end(),
                       [&](const Reason& reason) { return code(reason) == wanted; });
}

/// Share of jobs in which some item takes more than is asked for.
double share_exceeded(int samples, bool sizes_known) {
    constexpr int kJobs = 400;
    std::mt19937_64 random(7);
    int exceeded = 0;
    for (int i = 0; i < kJobs; ++i) {
        const FileJob job = file_job(random, 500, 0.05);
        const double most = *std::max_element(job.peaks.begin(), job.peaks.end());
        const Bytes asked = *planned(sampled(job, samples, sizes_known)).per_worker;
        exceeded += most > static_cast<double>(asked.value);
    }
    return static_cast<double>(exceeded) / kJobs;
}

}  // namespace

TEST_CASE("the request covers the largest input, not only those sampled") {
    std::mt19937_64 random(3);
    FileJob job = file_job(random, 200, 0.02);
    job.inputs[101] = 8e9;
    job.peaks[101] = 1e8 + 3 * 8e9;
    const PlannedMemory known = planned(sampled(job, 12, true));
    CHECK(static_cast<double>(known.per_worker->value) >= job.peaks[101]);
    CHECK(static_cast<double>(known.per_worker->value) < job.peaks[101] * 1.6);
    REQUIRE(says(known.reasons, "memory_follows_input"));
    REQUIRE(says(known.warnings, "memory_extrapolated"));
    CHECK_FALSE(says(known.warnings, "memory_risk"));
    CHECK(text(known.reasons.front()).find("read at the largest of all inputs, 7.45 GiB") !=
          std::string::npos);
    CHECK(text(known.warnings.front()).find("nothing is promised of it") != std::string::npos);
    const PlannedMemory unknown = planned(sampled(job, 12, false));
    CHECK(static_cast<double>(unknown.per_worker->value) < job.peaks[101]);
    CHECK(says(unknown.reasons, "memory_from_samples"));
}

TEST_CASE("a largest input that was sampled is no extrapolation") {
    std::mt19937_64 random(4);
    FileJob job = file_job(random, 24, 0.02);
    job.inputs[0] = 5e9;
    job.peaks[0] = 1e8 + 3 * 5e9;
    const PlannedMemory one = planned(sampled(job, 12, true));
    CHECK(says(one.reasons, "memory_follows_input"));
    CHECK_FALSE(says(one.warnings, "memory_extrapolated"));
    CHECK(text(one.reasons.front()).find("covers 95 % of items as large") != std::string::npos);
}

TEST_CASE("memory that does not follow the input is asked for as ever") {
    std::mt19937_64 random(5);
    FileJob job = file_job(random, 100, 0.02);
    for (std::size_t i = 0; i < job.peaks.size(); ++i)
        job.peaks[i] = 1e9 + 1e6 * static_cast<double>(i * 37 % 11);
    const PlannedMemory known = planned(sampled(job, 12, true));
    CHECK(known.per_worker->value == planned(sampled(job, 12, false)).per_worker->value);
    CHECK(says(known.reasons, "memory_from_samples"));
}

TEST_CASE("with the sizes known, few jobs have an item beyond the request") {
    // Of 500 inputs the largest is some ten times the median: a dozen samples seldom show it.
    CHECK(share_exceeded(5, true) < 0.10);
    CHECK(share_exceeded(10, true) < 0.10);
    CHECK(share_exceeded(30, true) < 0.10);
    CHECK(share_exceeded(10, false) > share_exceeded(10, true));
    CHECK(share_exceeded(30, false) > 0.5);
}
