#include "advisor/core/occupation.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

/// Domains of so many cores each.
Topology node(std::vector<int> cores_of_domains) {
    Topology topology;
    for (std::size_t d = 0; d < cores_of_domains.size(); ++d) {
        topology.domains.push_back({static_cast<int>(d), kGiB});
        for (int c = 0; c < cores_of_domains[d]; ++c)
            topology.cores.push_back({0, static_cast<int>(d), static_cast<int>(d), 0, {0}});
    }
    return topology;
}

Plan plan_of(std::vector<std::vector<int>> domains_of_ranks, int cpus_per_task) {
    Plan plan;
    plan.layout.ranks_per_node = static_cast<int>(domains_of_ranks.size());
    plan.request.cpus_per_task = cpus_per_task;
    for (std::size_t r = 0; r < domains_of_ranks.size(); ++r) {
        RankPlan rank;
        rank.rank = static_cast<int>(r);
        rank.domains = domains_of_ranks[r];
        plan.ranks.push_back(rank);
    }
    return plan;
}

}  // namespace

TEST_CASE("Ranks of a domain each take their own") {
    const Occupation taken = occupation_of(node({4, 4}), plan_of({{0}, {1}}, 3));
    CHECK(taken.placed);
    CHECK(taken.cores == 6);
    CHECK(taken.domains[0].ranks == std::vector<int>{0});
    CHECK(taken.domains[1].ranks == std::vector<int>{1});
    CHECK(taken.domains[1].cores == 3);
}

TEST_CASE("A rank that fills the node is placed, one on a part of several domains is not") {
    CHECK(occupation_of(node({4, 4}), plan_of({{}}, 8)).placed);
    const Occupation some = occupation_of(node({4, 4}), plan_of({{}}, 5));
    CHECK_FALSE(some.placed);
    CHECK(some.domains[0].cores == 4);
    CHECK(some.domains[1].cores == 1);
    CHECK(occupation_of(node({8}), plan_of({{}}, 3)).placed);
}

TEST_CASE("Hardware threads count as cores only with as many a core") {
    Plan plan = plan_of({{0}}, 8);
    plan.layout.threads_per_core = 2;
    CHECK(occupation_of(node({6, 6}), plan).domains[0].cores == 4);
}

TEST_CASE("More than the node has is cut at the node") {
    const Occupation taken = occupation_of(node({2}), plan_of({{0}, {0}}, 2));
    CHECK(taken.cores == 2);
    CHECK(taken.domains[0].ranks == std::vector<int>{0});
}
