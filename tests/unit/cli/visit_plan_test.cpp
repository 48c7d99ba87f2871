#include "advisor/cli/visit_plan.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize::cli;
using Names = std::vector<std::string>;

TEST_CASE("what is known takes no node by name") {
    CHECK(plan_visit({{"a", true, {"n1", "n2"}}}, false, 4).nodes.empty());
    CHECK(plan_visit({{"a", false, {"n1", "n2"}}}, false, 4).nodes.empty());
    CHECK(plan_visit({{"a", true, {"n1"}}, {"b", true, {"n3"}}}, false, 4).nodes.empty());
}

TEST_CASE("a class that is not known yet gets a node beside the sample's") {
    const VisitPlan plan = plan_visit(
        {{"a", true, {"n1", "n2"}}, {"b", true, {"n3"}}, {"c", false, {"n5", "n6"}}}, false, 4);
    CHECK(plan.nodes == Names{"n1", "n5"});
    CHECK(plan.left_out.empty());
}

TEST_CASE("a probe takes a node of every class and several of the first") {
    const VisitPlan plan =
        plan_visit({{"a", true, {"n1", "n2", "n3", "n4"}}, {"b", true, {"n5"}}}, true, 100);
    CHECK(plan.nodes == Names{"n1", "n5", "n2", "n3"});
    CHECK(plan_visit({{"a", true, {"n1", "n2", "n3"}}}, true, 2).nodes == Names{"n1", "n2"});
}

TEST_CASE("busy classes are left out, and no sample waits for a certain node") {
    const VisitPlan busy = plan_visit({{"a", false, {"n1"}}, {"b", false, {}}}, true, 8);
    CHECK(busy.nodes.empty());
    CHECK(busy.left_out == Names{"class b: none of its nodes is idle"});
    const VisitPlan first_busy = plan_visit({{"a", false, {}}, {"b", false, {"n3"}}}, true, 8);
    CHECK(first_busy.nodes.empty());
    CHECK(first_busy.left_out.size() == 1);
}

TEST_CASE("of many classes few are visited at once, and the others are told") {
    std::vector<VisitClass> classes;
    classes.reserve(64);
    for (int i = 0; i < 64; ++i) {
        classes.push_back({"c" + std::to_string(i), false, {"n" + std::to_string(i)}});
    }
    const VisitPlan plan = plan_visit(classes, true, 1000);
    CHECK(plan.nodes.size() == 8);
    CHECK(plan.left_out.size() == 56);
    CHECK(plan.left_out.front() == "class c8: so many nodes at once are not taken");
}
