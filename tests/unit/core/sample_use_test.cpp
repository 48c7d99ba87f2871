#include <algorithm>

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/planned_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

Manifest sampled_job(std::int64_t items) {
    Manifest made = synthetic::job(items, Seconds{1});
    made.profile = {};
    return made;
}

Sample sample(Seconds seconds, Bytes peak) {
    Sample made;
    made.seconds = seconds;
    made.peak_rss = peak;
    return made;
}

JobProfile alike(std::int64_t items, int samples, Seconds seconds, Bytes peak) {
    JobProfile profile = synthetic::known(items);
    profile.samples.assign(static_cast<std::size_t>(samples), sample(seconds, peak));
    return profile;
}

Advice on_eight_cores(const JobProfile& profile, bool reuse = false) {
    const Cluster cluster =
        synthetic::cluster(synthetic::node_class("a", Shape{1, 1, 8, 1}, kGiB * 64), 1, false);
    Manifest manifest = sampled_job(profile.items);
    manifest.sample.reuse = reuse;
    return advise(manifest, cluster, profile);
}

std::optional<Reason> find(const std::vector<Reason>& reasons, const std::string& wanted) {
    for (const Reason& reason : reasons) {
        if (code(reason) == wanted) return reason;
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("the memory of the warm-up item counts, its time does not") {
    JobProfile profile = alike(1000, 4, Seconds{1}, kGiB);
    const Advice without = on_eight_cores(profile);
    profile.warm_up = sample(Seconds{100}, kGiB * 3);
    const Advice with = on_eight_cores(profile);
    REQUIRE(without.plan);
    REQUIRE(with.plan);
    CHECK(plan_memory(sampled_job(1000), profile, {}).per_worker >= kGiB * 3);
    CHECK(with.plan->predicted.memory_per_node > without.plan->predicted.memory_per_node);
    CHECK(with.plan->predicted.serial == without.plan->predicted.serial);
    const bool said = std::any_of(with.basis.begin(), with.basis.end(), [](const Fact& fact) {
        return fact.name == "warm-up item" && fact.value.find("3 GiB") != std::string::npos;
    });
    CHECK(said);
}

TEST_CASE("an item that did not end counts with its time at least, and the advice says so") {
    JobProfile profile = alike(100, 4, Seconds{1}, kGiB);
    const Advice without = on_eight_cores(profile);
    profile.unfinished = {Seconds{41}};
    const Advice with = on_eight_cores(profile);
    REQUIRE(with.plan);
    CHECK(with.plan->predicted.serial.value == Approx(100 * (4 * 1 + 41) / 5.0));
    CHECK(with.plan->request.time_limit > without.plan->request.time_limit);
    const auto warning = find(with.warnings, "items_unfinished");
    REQUIRE(warning);
    CHECK(text(*warning).find("41 s") != std::string::npos);
    CHECK_FALSE(find(without.warnings, "items_unfinished"));
}

TEST_CASE("an item that did not end is taken to last as long as the longer ones seen") {
    JobProfile profile = alike(100, 4, Seconds{1}, kGiB);
    profile.samples.front().seconds = Seconds{60};
    profile.unfinished = {Seconds{20}};
    const Advice advice = on_eight_cores(profile);
    REQUIRE(advice.plan);
    CHECK(advice.plan->predicted.serial.value == Approx(100 * (60 + 3 + 60) / 5.0));
}

TEST_CASE("a sample that took a good part of the run is said to be repeated, if it is") {
    JobProfile profile = alike(100, 5, Seconds{1}, kGiB);  // 13 s on eight cores
    const auto warned = [&](bool reuse = false) {
        return find(on_eight_cores(profile, reuse).warnings, "sample_run_again");
    };
    profile.cost = Seconds{5};
    const auto warning = warned();
    REQUIRE(warning);
    CHECK(text(*warning).find("sample.reuse: true") != std::string::npos);
    CHECK_FALSE(warned(true));
    profile.cost = Seconds{0.5};
    CHECK_FALSE(warned());
}

TEST_CASE("failed items of a sample, and a sample cut short for its cost, are warned of") {
    JobProfile profile = alike(100, 4, Seconds{1}, kGiB);
    profile.failed = 2;
    profile.cost = Seconds{3};
    profile.too_little_to_save = Seconds{5};
    const Advice advice = on_eight_cores(profile);
    const auto failed = find(advice.warnings, "items_failed_in_sample");
    REQUIRE(failed);
    CHECK(text(*failed) == "2 items failed in the sample");
    const auto dear = find(advice.warnings, "sample_too_dear");
    REQUIRE(dear);
    CHECK(text(*dear).find("5 s only") != std::string::npos);
}
