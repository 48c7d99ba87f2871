#include "advisor/core/item_times.hpp"

#include <algorithm>
#include <cmath>

#include "advisor/core/statistics.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

double lognormal(Random& random, double cv) {
    return std::exp(std::sqrt(std::log(1 + cv * cv)) * normal_quantile(random.uniform()));
}

}  // namespace

TEST_CASE("times that are all alike, or nothing, stay what they are") {
    Random random(42);
    for (const double value : {0.0, 1e-6, 3.0}) {
        const std::vector<double> alike(5, value);
        const ItemTimes times(alike);
        for (const double time : times.draw(random).times)
            CHECK(time == Approx(value).margin(1e-5));
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
        const ItemTimes known(sample);
        const std::vector<double> times = known.draw(random).times;
        CHECK(std::is_sorted(times.begin(), times.end()));
        beyond += times.back() > sample.back() ? 1 : 0;
    }
    CHECK(beyond > 400);
}

TEST_CASE("a few samples of any spread let no time be beyond what they can tell of") {
    Random random(44);
    const std::vector<std::vector<double>> samples{
        {0, 10}, {1, 20}, {0, 0, 0, 1, 1}, {0.01, 0.01, 0.02, 2, 3}, {1e-9, 1e9}};
    for (const std::vector<double>& sample : samples) {
        const ItemTimes times(sample);
        double longest = 0;
        for (int i = 0; i < 1000; ++i) {
            const DrawnTimes drawn = times.draw(random);
            longest = std::max(longest, drawn.quantiles.at(0.99));
            REQUIRE(std::isfinite(drawn.quantiles.at(1)));
        }
        CHECK(longest > sample.back());
        CHECK(longest < 1e5 * sample.back());
    }
}
