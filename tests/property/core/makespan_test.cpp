#include "advisor/core/makespan.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

using Law = std::function<double(Random&)>;

Law lognormal(double cv) {
    return [deviation = std::sqrt(std::log(1 + cv * cv))](Random& random) {
        return std::exp(deviation * normal_quantile(random.uniform()));
    };
}

Law pareto(double index) {
    return [index](Random& random) { return std::pow(random.uniform(), -1 / index); };
}

/// The nodes' speeds differ by `real`, and the model knows of `told`.
struct Nodes {
    int count = 1;
    double real = 0;
    double told = 0;
};

struct Kept {
    double beyond_p50 = 0;  // share of jobs that took longer
    double beyond_p95 = 0;
};

struct Shape {
    int workers = 16;
    std::int64_t chunk = 1;  // items that a worker takes at a time
    int jobs = 500;
};

/// Jobs of `items`, a list drawn after the sample: the time is that of handing chunks to whoever is
/// free first. The sample ran on a node of its own.
Kept kept(int samples, std::int64_t items, const Law& law, const Nodes& nodes = {},
          const Shape& shape = {}) {
    const auto workers = static_cast<std::size_t>(std::min<std::int64_t>(shape.workers, items));
    Random random(41);
    const auto pace = [&] { return std::exp(nodes.real * normal_quantile(random.uniform())); };
    Kept share;
    for (int job = 0; job < shape.jobs; ++job) {
        JobProfile profile = synthetic::known(items);
        const double sampled = pace();
        for (int i = 0; i < samples; ++i)
            profile.samples.push_back(
                {Seconds{law(random) * sampled}, {}, {}, {}, {}, {}, 1, {}, 0});
        const Workload work = summarize(synthetic::job(items, Seconds{1}), profile, {}, Seconds{0});
        Crew crew;
        crew.workers = shape.workers;
        crew.schedule = Schedule::fixed;
        crew.chunk = shape.chunk;
        crew.nodes = nodes.count;
        crew.node_spread = {nodes.told};
        const WallTime predicted =
            simulate_makespan(work, crew, {0.05}, random.next(), Effort::prediction).wall;
        std::vector<double> paces;
        for (int node = 0; node < nodes.count; ++node) paces.push_back(pace());
        std::vector<double> free(workers, 0.0);
        auto first = free.begin();
        for (std::int64_t i = 0; i < items; ++i) {
            if (i % shape.chunk == 0) first = std::min_element(free.begin(), free.end());
            *first +=
                law(random) * paces[static_cast<std::size_t>((first - free.begin()) % nodes.count)];
        }
        const double took = *std::max_element(free.begin(), free.end());
        share.beyond_p50 += took > predicted.p50.value ? 1.0 / shape.jobs : 0;
        share.beyond_p95 += took > predicted.p95.value ? 1.0 / shape.jobs : 0;
    }
    return share;
}

}  // namespace

TEST_CASE("the 95 % of a prediction are kept from five samples on, of many rounds and of one") {
    for (const int samples : {5, 10, 30}) {
        for (const double cv : {0.1, 0.3, 0.6, 1.0}) {
            for (const std::int64_t items : {320, 16}) {
                if (samples >= items) continue;
                const Kept share = kept(samples, items, lognormal(cv));
                CAPTURE(samples, cv, items, share.beyond_p50, share.beyond_p95);
                CHECK(share.beyond_p95 < 0.14);
                if (items == 320) CHECK(share.beyond_p50 > 0.35);
                if (items == 320) CHECK(share.beyond_p50 < 0.75);
            }
        }
    }
}

TEST_CASE("the 95 % of a prediction are kept where the tail of item times is a Pareto law's") {
    for (const double index : {1.5, 2.5}) {
        const Kept share = kept(30, 320, pareto(index));
        CAPTURE(index, share.beyond_p95);
        CHECK(share.beyond_p95 < 0.12);
    }
}

TEST_CASE(
    "the longest item is reckoned with in chunks of many, and among more than are simulated") {
    for (const std::int64_t chunk : {8, 9, 50}) {
        const Kept share = kept(300, 64 * chunk, pareto(1.5), {}, {16, chunk, 500});
        CAPTURE(chunk, share.beyond_p95);
        CHECK(share.beyond_p95 < 0.11);
    }
    const Kept many = kept(300, 40000, pareto(1.5), {}, {4096, 1, 60});
    CAPTURE(many.beyond_p95);
    CHECK(many.beyond_p95 < 0.17);  // 0.05, and four standard errors of 60 jobs
}

TEST_CASE("the 95 % of a prediction are kept on nodes that differ as much as they are told to") {
    for (const int nodes : {1, 4, 16}) {
        const Kept share = kept(30, 320, lognormal(0.1), {nodes, 0.1, 0.1});
        const Kept untold = kept(30, 320, lognormal(0.1), {nodes, 0.1, 0});
        CAPTURE(nodes, share.beyond_p95, untold.beyond_p95);
        CHECK(share.beyond_p95 < 0.09);
        CHECK(untold.beyond_p95 > 0.3);
    }
}
