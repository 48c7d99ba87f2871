#include "advisor/core/worker_memory.hpp"

#include "tests/support/catch.hpp"

#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/granted_workers.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

JobProfile samples_of(Bytes peak, std::optional<CommonPages> common) {
    JobProfile profile;
    profile.items = 2000;
    for (int i = 0; i < 60; ++i) {
        Sample sample;
        sample.seconds = Seconds{10 + 0.01 * i};
        sample.peak_rss = peak;
        profile.samples.push_back(sample);
    }
    profile.common = common;
    return profile;
}

Advice advice_on(Bytes node_memory, const JobProfile& profile) {
    const auto node = synthetic::node_class("node", {1, 1, 64, 1}, node_memory);
    return advise(synthetic::job(profile.items, Seconds{10}), synthetic::cluster(node, 1), profile);
}

}  // namespace

TEST_CASE("pages in common are there once") {
    const WorkerMemory worker{kGiB * 3.0, {kGiB * 2.0, kGiB * 2.0}};
    CHECK(worker.together(1) == kGiB * 3.0);
    CHECK(worker.together(4) == kGiB * 6.0);
    CHECK(WorkerMemory{kGiB * 3.0}.together(4) == kGiB * 12.0);
}

TEST_CASE("workers that each map another part of a file save nothing until it is mapped whole") {
    const WorkerMemory worker{kGiB * 3.0, {kGiB * 2.0, kGiB * 10.0}};
    CHECK(worker.together(5) == kGiB * 15.0);
    CHECK(worker.together(6) == kGiB * 16.0);
}

TEST_CASE("as many workers fit as take no more than there is") {
    for (const WorkerMemory& worker :
         {WorkerMemory{kGiB * 3.0}, WorkerMemory{kGiB * 3.0, {kGiB * 2.0, kGiB * 2.0}},
          WorkerMemory{kGiB * 3.0, {kGiB * 2.0, kGiB * 10.0}},
          WorkerMemory{kMiB * 700.0, {kMiB * 699.0, kGiB * 5.0}}}) {
        for (int gib = 1; gib <= 64; ++gib) {
            CAPTURE(worker.alone.value, worker.common.of_worker.value, gib);
            const Bytes room = kGiB * static_cast<double>(gib);
            const int fitting = worker.fitting(room);
            CHECK(worker.together(fitting) <= room);
            CHECK(worker.together(fitting + 1) > room);
        }
    }
}

TEST_CASE("files that all workers map let more of them run, and are asked for once") {
    const Bytes peak = kGiB * 2.0;
    const Bytes node = kGiB * 32.0;
    const Advice apart = advice_on(node, samples_of(peak, std::nullopt));
    const Advice common = advice_on(node, samples_of(peak, CommonPages{kGiB * 1.75, kGiB * 1.75}));
    REQUIRE(apart.plan);
    REQUIRE(common.plan);
    CHECK(apart.plan->layout.workers == 12);
    CHECK(common.plan->layout.workers == 64);
    const Bytes runner = kMiB * 64.0;
    CHECK(common.plan->predicted.memory_per_node == peak * 64 - kGiB * 1.75 * 63 + runner);
    CHECK(common.plan->predicted.memory_once == kGiB * 1.75 + runner);
    CHECK(kMiB * static_cast<double>(common.plan->request.mem_mib_per_node) <= node);
    CHECK(std::any_of(common.reasons.begin(), common.reasons.end(), [](const Reason& reason) {
        return std::holds_alternative<reason::MemoryInCommon>(reason);
    }));
}

TEST_CASE("what a node holds once is not taken off the share of each of its ranks") {
    Plan plan;
    plan.layout.ranks_per_node = 2;
    plan.layout.workers_per_rank = 4;
    plan.layout.workers = 8;
    plan.predicted.memory_per_node = kMiB * 13000.0;
    plan.predicted.memory_once = kMiB * 12000.0;
    CHECK(workers_in_memory(plan, kMiB * 6500.0) == 4);
    CHECK(workers_in_memory(plan, kMiB * 6250.0) == 2);
}

TEST_CASE("after a run that ran out of memory nothing is taken to be in common") {
    JobProfile profile = samples_of(kGiB * 2.0, CommonPages{kGiB * 1.75, kGiB * 1.75});
    PastRuns past;
    FinishedRun killed;
    killed.outcome = RunOutcome::out_of_memory;
    killed.planned.memory = kGiB * 1.0;
    FinishedRun good;
    good.outcome = RunOutcome::completed;
    past.runs = {killed, good};
    profile.past = past;
    const Advice advice = advice_on(kGiB * 32.0, profile);
    REQUIRE(advice.plan);
    CHECK(advice.plan->predicted.memory_in_common == Bytes{0});
}
