#include "advisor/core/slowdown.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "advisor/core/makespan.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

/// Workers that share `cores` evenly, beyond one each.
Slowdown shared(int workers, int cores) {
    std::array<double, Slowdown::kSteps + 1> factors{};
    for (int step = 0; step <= Slowdown::kSteps; ++step) {
        const double running = std::max(1.0, double(workers) * step / Slowdown::kSteps);
        factors[static_cast<std::size_t>(step)] = std::max(1.0, running / cores);
    }
    return Slowdown(factors);
}

/// The end of a list whose items share the cores, event by event.
double end_of(const std::vector<double>& items, int workers, int cores) {
    std::vector<double> left;  // of the items that run
    std::size_t next = 0;
    double now = 0;
    while (next < items.size() || !left.empty()) {
        while (next < items.size() && static_cast<int>(left.size()) < workers)
            left.push_back(items[next++]);
        const double pace = std::min(1.0, cores / static_cast<double>(left.size()));
        const double least = *std::min_element(left.begin(), left.end());
        for (double& one : left) one -= least;
        std::erase_if(left, [](double one) { return one < 1e-12; });
        now += least / pace;
    }
    return now;
}

}  // namespace

TEST_CASE("those still at work are as fast as when they are simulated event by event") {
    Random random(51);
    for (int i = 0; i < 40; ++i) {
        const int cores = 2 + static_cast<int>(random.below(15));
        const int workers = cores + static_cast<int>(random.below(static_cast<std::size_t>(cores)));
        const auto items = workers + static_cast<std::int64_t>(random.below(64));
        const double cv = 0.1 + 0.9 * random.uniform();
        Workload work;
        work.items = items;
        work.distribution_given = work.times_known = true;
        const double deviation = std::sqrt(std::log(1 + cv * cv));
        for (int k = 0; k < 64; ++k)
            work.seconds.push_back(std::exp(deviation * normal_quantile((k + 0.5) / 64)));
        work.mean_seconds = mean(work.seconds);
        work.cv = standard_deviation(work.seconds) / work.mean_seconds;

        std::vector<double> ends;
        for (int run = 0; run < 200; ++run) {
            std::vector<double> list;
            for (std::int64_t k = 0; k < items; ++k)
                list.push_back(work.seconds[random.below(work.seconds.size())]);
            ends.push_back(end_of(list, workers, cores));
        }
        std::sort(ends.begin(), ends.end());
        const Crew crew{workers, shared(workers, cores), Schedule::fixed, 1, 1, {}};
        const Seconds simulated =
            simulate_makespan(work, crew, {0.05}, 1, Effort::prediction).wall.p50;
        CAPTURE(i, cores, workers, items, cv);
        CHECK(simulated.value == Approx(quantile(ends, 0.5)).epsilon(0.08));
    }
}

TEST_CASE("a slowdown is what it is at its steps, and its mean lies between its ends") {
    Random random(52);
    for (int i = 0; i < 100; ++i) {
        const int cores = 1 + static_cast<int>(random.below(64));
        const Slowdown some = shared(2 * cores, cores);
        CHECK(some.of_one() == Approx(1));
        CHECK(some.of_all() == Approx(2));
        CHECK(some.with(1) == Approx(1));
        CHECK(some.with(0.75) == Approx(0.75));
        const double share = random.uniform();
        CHECK(some.down_from(share) >= some.with(0) - 1e-9);
        CHECK(some.down_from(share) <= some.with(share) + 1e-9);
    }
    CHECK_FALSE(Slowdown(3).changes());
}
