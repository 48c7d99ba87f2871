#include "advisor/core/advise.hpp"
#include "advisor/core/explain.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

Manifest program() {
    Manifest made = synthetic::job(1, Seconds{600}, 0, kGiB * 2);
    made.kind = JobKind::mpi;
    made.mode = Mode::program;
    made.items = ItemCount{1};
    return made;
}

Cluster four_nodes(Bytes memory) {
    return synthetic::cluster(synthetic::node_class("a", Shape{2, 2, 8, 2}, memory), 4);
}

bool warns(const Advice& advice, const std::string& wanted) {
    for (const Reason& reason : advice.warnings) {
        if (code(reason) == wanted) return true;
    }
    return false;
}

}  // namespace

TEST_CASE(
    "an MPI program gets a rank on every core of the nodes allowed, and no promise of a speed-up") {
    Manifest manifest = program();
    manifest.limits.nodes = 2;
    const Advice advice = advise(manifest, four_nodes(kGiB * 256), synthetic::known(1));
    REQUIRE(advice.plan);
    CHECK(advice.verdict == Verdict::parallel);
    CHECK(advice.plan->layout.ranks() == 64);
    CHECK(advice.plan->ranks.size() == 64);
    CHECK(advice.plan->request.ntasks == 64);
    CHECK(advice.plan->request.ntasks_per_node == 32);
    CHECK(advice.plan->request.cpus_per_task == 1);
    CHECK(advice.plan->predicted.wall.p50 >= Seconds{590});
    CHECK_FALSE(advice.plan->predicted.speedup);
    CHECK_FALSE(advice.plan->predicted.busy);
    CHECK(advice.alternatives.empty());
    CHECK(warns(advice, "scaling_unknown"));
}

TEST_CASE("without a node limit an MPI program stays on one node") {
    const Advice advice = advise(program(), four_nodes(kGiB * 256), synthetic::known(1));
    REQUIRE(advice.plan);
    CHECK(advice.plan->layout.nodes == 1);
    CHECK(advice.plan->layout.ranks_per_node == 32);
    Cluster wide = four_nodes(kGiB * 256);
    wide.partitions.front().min_nodes = 3;
    CHECK(advise(program(), wide, synthetic::known(1)).plan->layout.nodes == 3);
}

TEST_CASE("threads and memory bound the ranks of an MPI program") {
    Manifest manifest = program();
    manifest.resources.threads = 4;
    Advice advice = advise(manifest, four_nodes(kGiB * 256), synthetic::known(1));
    REQUIRE(advice.plan);
    CHECK(advice.plan->request.ntasks_per_node == 8);
    CHECK(advice.plan->request.cpus_per_task == 4);
    CHECK(advice.plan->layout.cpus_per_worker == 4);

    advice = advise(program(), four_nodes(kGiB * 20), synthetic::known(1));
    REQUIRE(advice.plan);
    CHECK(advice.plan->request.ntasks_per_node == 8);  // 0.8 x 20 GiB / 2 GiB

    CHECK(advise(program(), four_nodes(kGiB * 2), synthetic::known(1)).verdict ==
          Verdict::infeasible);
}

TEST_CASE("an MPI program's advice says what bounds its ranks, in ranks, and what is not known") {
    const auto said = [](const Advice& advice, const std::string& wanted) {
        for (const Reason& reason : advice.reasons) {
            if (text(reason).find(wanted) != std::string::npos) return true;
        }
        return false;
    };
    const Advice by_cores = advise(program(), four_nodes(kGiB * 256), synthetic::known(1));
    CHECK(said(by_cores, "32 ranks a node, a core each: they fill its 32 physical cores"));
    CHECK(said(by_cores, "1 node, for limits.nodes names no other count"));
    CHECK(said(by_cores, "2 GiB a rank"));
    CHECK_FALSE(said(by_cores, "worker"));
    const Advice by_memory = advise(program(), four_nodes(kGiB * 20), synthetic::known(1));
    CHECK(said(by_memory, "8 ranks a node, a core each: more would not find memory"));
    for (const Fact& fact : by_cores.basis) CHECK(fact.name.find("worker") == std::string::npos);
}

TEST_CASE("an MPI program nobody timed has no time, and the limit allowed") {
    Manifest manifest = program();
    manifest.profile.seconds.reset();
    manifest.limits.time = Seconds{7200};
    const Advice advice = advise(manifest, four_nodes(kGiB * 256), synthetic::known(1));
    REQUIRE(advice.plan);
    CHECK(advice.plan->request.time_limit == Seconds{7200});
    CHECK(warns(advice, "scaling_unknown"));
}
