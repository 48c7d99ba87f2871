#include <algorithm>

#include "advisor/core/makespan.hpp"
#include "advisor/core/random.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

/// Items of equal times but for `cv`, chunks that cost `per_chunk`.
Workload dear_work(std::int64_t items, double seconds, double cv, double per_chunk) {
    Workload work;
    work.items = items;
    work.seconds = {seconds * (1 - cv), seconds, seconds * (1 + cv)};
    work.distribution_given = true;
    work.mean_seconds = seconds;
    work.cv = cv;
    work.per_chunk = Seconds{per_chunk};
    return work;
}

double simulated(const Workload& work, const Crew& crew) {
    return simulate_makespan(work, crew, {0.05}, 1, Effort::prediction).wall.p50.value;
}

}  // namespace

TEST_CASE("dear chunks are cut as well as the best of all sizes, by simulation") {
    Random random(21);
    double worst = 1;
    double sum = 0;
    constexpr int kCases = 120;
    for (int i = 0; i < kCases; ++i) {
        const auto items = static_cast<std::int64_t>(5 + random.below(2000));
        const double seconds = 0.002 + 0.5 * random.uniform();
        const Workload work =
            dear_work(items, seconds, 0.3 * random.uniform(), 0.05 + 3 * random.uniform());
        Crew crew;
        crew.workers = static_cast<std::int64_t>(2 + random.below(64));
        const double ours = simulated(work, cut_into_chunks(work, crew, false));
        double best = ours;
        for (std::int64_t chunk = 1; chunk <= items;
             chunk += std::max<std::int64_t>(1, chunk / 6)) {
            for (const Schedule schedule : {Schedule::fixed, Schedule::factoring}) {
                Crew other = crew;
                other.schedule = schedule;
                other.chunk = chunk;
                best = std::min(best, simulated(work, other));
            }
        }
        CAPTURE(i, items, seconds, work.per_chunk.value, crew.workers, ours, best);
        CHECK(ours <= 1.3 * best);
        worst = std::max(worst, ours / best);
        sum += ours / best;
    }
    CAPTURE(worst);
    CHECK(sum / kCases < 1.05);
}
