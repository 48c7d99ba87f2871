// Time from facts to advice, the job array weighed beside the job, files and processes not
// included: one node, and 10,000 nodes in 64 classes with 1,000 samples. Prints medians and the
// worst of the repetitions.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "advisor/core/advise.hpp"
#include "advisor/core/job_array.hpp"
#include "advisor/core/random.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

Cluster cluster_of_classes(int classes, int nodes) {
    Cluster cluster =
        synthetic::cluster(synthetic::node_class("c0", {2, 4, 16, 2}, kGiB * 256), nodes / classes);
    for (int i = 1; i < classes; ++i) {
        NodeClass node =
            synthetic::node_class(fmt::format("c{}", i), {2, 1 + i % 4, 8 + i % 9, 1 + i % 2},
                                  kGiB * (64 + 16 * (i % 13)));
        cluster.partitions[0].nodes.push_back({i, nodes / classes});
        cluster.classes.push_back(node);
    }
    for (NodeClass& node : cluster.classes) node.features = {node.name};
    return cluster;
}

JobProfile sampled(std::int64_t items, int samples) {
    JobProfile profile = synthetic::known(items);
    Random random(1);
    for (int i = 0; i < samples; ++i) {
        const double factor = std::exp(0.5 * normal_quantile(random.uniform()));
        profile.samples.push_back(
            {Seconds{0.4 * factor}, kMiB * (300 * factor), {}, {}, {}, {}, 1, {}, 0});
    }
    return profile;
}

void measure(const char* what, const Cluster& cluster, const JobProfile& profile) {
    Manifest manifest = synthetic::job(profile.items, Seconds{1});
    manifest.profile = {};
    std::vector<double> milliseconds;
    for (int i = 0; i < 21; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto seed = static_cast<std::uint64_t>(i);
        const Advice advice =
            beside_array(advise(manifest, cluster, profile, seed),
                         advise_array(manifest, cluster, profile, seed), manifest);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - start;
        if (advice.plan) milliseconds.push_back(took.count());
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    fmt::print("{:<44} median {:6.2f} ms, worst {:6.2f} ms\n", what, quantile(milliseconds, 0.5),
               milliseconds.back());
}

}  // namespace

int main() {
    const JobProfile few = sampled(100000, 5);
    const JobProfile many = sampled(10000000, 1000);
    measure("one node of 8 cores, 5 samples",
            synthetic::cluster(synthetic::node_class("a", {1, 1, 8, 1}, kGiB * 32), 1, false), few);
    measure("one node of 128 cores, 5 samples",
            synthetic::cluster(synthetic::node_class("a", {2, 4, 16, 2}, kGiB * 256), 1), few);
    measure("one node of 128 cores, 1,000 samples",
            synthetic::cluster(synthetic::node_class("a", {2, 4, 16, 2}, kGiB * 256), 1), many);
    measure("10,000 nodes in 64 classes, 1,000 samples", cluster_of_classes(64, 10000), many);
}
