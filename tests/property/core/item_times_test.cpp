#include <algorithm>
#include <cmath>

#include "advisor/core/advise.hpp"
#include "advisor/core/item_times.hpp"
#include "advisor/core/makespan.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

double lognormal(Random& random, double cv) {
    return std::exp(std::sqrt(std::log(1 + cv * cv)) * normal_quantile(random.uniform()));
}

struct Kept {
    double beyond_p50 = 0;  // share of jobs that took longer
    double beyond_p95 = 0;
};

/// Jobs of `items` on as many workers as 16 at most, a list drawn after the sample: the time is
/// that of handing items to whoever is free first.
Kept kept(int samples, std::int64_t items, double cv) {
    constexpr int kJobs = 500;
    Random random(41);
    Kept share;
    for (int job = 0; job < kJobs; ++job) {
        JobProfile profile = synthetic::known(items);
        for (int i = 0; i < samples; ++i) {
            profile.samples.push_back(
                {Seconds{lognormal(random, cv)}, {}, {}, {}, {}, {}, 1, {}, 0});
        }
        const Workload work = summarize(synthetic::job(items, Seconds{1}), profile, {}, Seconds{0});
        Crew crew;
        crew.workers = 16;
        const WallTime predicted =
            simulate_makespan(work, crew, {0.05}, random.next(), Effort::prediction).wall;
        std::vector<double> free(16, 0.0);
        for (std::int64_t i = 0; i < items; ++i) {
            *std::min_element(free.begin(), free.end()) += lognormal(random, cv);
        }
        const double took = *std::max_element(free.begin(), free.end());
        share.beyond_p50 += took > predicted.p50.value ? 1.0 / kJobs : 0;
        share.beyond_p95 += took > predicted.p95.value ? 1.0 / kJobs : 0;
    }
    return share;
}

}  // namespace

TEST_CASE("the 95 % of a prediction are kept from five samples on, of many rounds and of one") {
    for (const int samples : {5, 10, 30}) {
        for (const double cv : {0.1, 0.3, 0.6, 1.0}) {
            for (const std::int64_t items : {320, 16}) {
                if (samples >= items) continue;
                const Kept share = kept(samples, items, cv);
                CAPTURE(samples, cv, items, share.beyond_p50, share.beyond_p95);
                CHECK(share.beyond_p95 < 0.14);
                if (items == 320) CHECK(share.beyond_p50 > 0.35);
                if (items == 320) CHECK(share.beyond_p50 < 0.75);
            }
        }
    }
}

TEST_CASE("times that are all alike, or nothing, stay what they are") {
    Random random(42);
    for (const double value : {0.0, 1e-6, 3.0}) {
        const std::vector<double> alike(5, value);
        for (const double time : ItemTimes(alike).draw(random)) CHECK(time == Approx(value));
    }
}

TEST_CASE("times drawn ascend and go beyond the sample") {
    Random random(43);
    int beyond = 0;
    for (int i = 0; i < 500; ++i) {
        std::vector<double> sample;
        const int n = 2 + static_cast<int>(random.below(40));
        sample.reserve(static_cast<std::size_t>(n));
        for (int k = 0; k < n; ++k) sample.push_back(lognormal(random, 2 * random.uniform()));
        std::sort(sample.begin(), sample.end());
        const std::vector<double> times = ItemTimes(sample).draw(random);
        CHECK(std::is_sorted(times.begin(), times.end()));
        beyond += times.back() > sample.back() ? 1 : 0;
    }
    CHECK(beyond > 400);
}
