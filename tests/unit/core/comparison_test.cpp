#include "advisor/core/comparison.hpp"

#include <algorithm>

#include "advisor/core/advise.hpp"
#include "advisor/core/selection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;
using synthetic::Shape;

namespace {

struct Seen {
    Advice advice;
    Comparison comparison;
};

Seen see(const Manifest& manifest, const Cluster& cluster) {
    const JobProfile profile = synthetic::known(std::get<ItemRange>(manifest.items).end);
    Advice advice = advise(manifest, cluster, profile, 3);
    Comparison comparison = compare_layouts(manifest, cluster, profile, advice, 3);
    return {std::move(advice), std::move(comparison)};
}

Cluster nodes_of(const Shape& shape, int count) {
    return synthetic::cluster(synthetic::node_class("a", shape, kGiB * 64), count);
}

std::int64_t layouts_weighed(const Manifest& manifest, const Cluster& cluster) {
    const JobProfile profile = synthetic::known(std::get<ItemRange>(manifest.items).end);
    const JobCase job =
        gather_case(manifest, cluster, profile, 3, find_offers(manifest, cluster).offers);
    return static_cast<std::int64_t>(all_candidates(job).size());
}

std::vector<ComparedLayouts> taken_of(const Comparison& comparison) {
    std::vector<ComparedLayouts> taken;
    for (const ComparedLayouts& row : comparison.rows)
        if (!row.against) taken.push_back(row);
    return taken;
}

template <class Kind>
bool is(const std::optional<Reason>& reason) {
    return reason && std::holds_alternative<Kind>(*reason);
}

}  // namespace

TEST_CASE("of few layouts each has a row, with its time and what is against it") {
    const Manifest manifest = synthetic::job(5000, Seconds{2}, 0.3);
    const Cluster cluster = nodes_of({1, 1, 8, 1}, 1);
    const auto [advice, comparison] = see(manifest, cluster);
    CHECK(comparison.row == RowOf::layout);
    CHECK(comparison.layouts == layouts_weighed(manifest, cluster));
    CHECK(comparison.rows.size() == 8);
    for (const ComparedLayouts& row : comparison.rows) {
        CHECK(row.layouts == 1);
        REQUIRE(row.wall);
        CHECK((!row.against || is<reason::Slower>(row.against)));
    }
    const std::vector<ComparedLayouts> taken = taken_of(comparison);
    REQUIRE(taken.size() == 1);
    CHECK(taken.front().best.workers == 8);
    CHECK(taken.front().wall == advice.plan->predicted.wall.p50);
}

TEST_CASE("of many layouts rows are folded as far as needed and none is dropped") {
    const Manifest manifest = synthetic::job(1000000, Seconds{2}, 0.3);
    for (const auto& [nodes, row] :
         {std::pair(1, RowOf::layout), std::pair(16, RowOf::ranks), std::pair(200, RowOf::nodes)}) {
        const Cluster cluster = nodes_of({2, 4, 16, 2}, nodes);
        const auto [advice, comparison] = see(manifest, cluster);
        CAPTURE(nodes);
        CHECK(comparison.row == row);
        CHECK(comparison.rows.size() <= Comparison::kMostRows);
        CHECK(comparison.layouts == layouts_weighed(manifest, cluster));
        std::int64_t folded = 0;
        for (const ComparedLayouts& one : comparison.rows) folded += one.layouts;
        CHECK(folded == comparison.layouts);
        REQUIRE(taken_of(comparison).size() == 1);
        CHECK(taken_of(comparison).front().best.nodes == advice.plan->layout.nodes);
    }
}

TEST_CASE("many kinds of node have a row each") {
    Cluster cluster = nodes_of({1, 1, 8, 1}, 4);
    cluster.classes.front().features = {"a"};
    for (int i = 1; i < 50; ++i) {
        cluster.classes.push_back(
            synthetic::node_class("c" + std::to_string(i), {1, 1, 8 + i, 1}, kGiB * 64));
        cluster.classes.back().features = {cluster.classes.back().name};
        cluster.partitions[0].nodes.push_back({i, 4});
    }
    const auto [advice, comparison] = see(synthetic::job(100000, Seconds{2}), cluster);
    CHECK(comparison.row == RowOf::kind);
    CHECK(comparison.rows.size() == 51);  // and nodes of any kind
    CHECK(taken_of(comparison).size() == 1);
    CHECK(std::count_if(comparison.rows.begin(), comparison.rows.end(),
                        [](const ComparedLayouts& row) { return row.kind == "any"; }) == 1);
}

TEST_CASE("a plan without its idle workers is among the rows, though on no step of the others") {
    const auto [advice, comparison] =
        see(synthetic::job(33, Seconds{20}), nodes_of({1, 1, 32, 1}, 1));
    CHECK(advice.plan->layout.workers == 17);
    REQUIRE(taken_of(comparison).size() == 1);
    CHECK(taken_of(comparison).front().best.workers == 17);
}

TEST_CASE("what ends after the limit is told so, where the plan does not") {
    Manifest manifest = synthetic::job(1000, Seconds{10});
    manifest.limits.time = Seconds{3600};
    const auto [advice, comparison] = see(manifest, nodes_of({1, 1, 8, 1}, 1));
    CHECK(is<reason::EndsTooLate>(comparison.rows.front().against));
    CHECK(is<reason::Slower>(comparison.rows[5].against));
}

TEST_CASE("without a known time layouts are named but not compared") {
    Manifest manifest = synthetic::job(1000, Seconds{1});
    manifest.profile = {};
    const auto [advice, comparison] = see(manifest, nodes_of({1, 1, 8, 1}, 1));
    CHECK(comparison.rows.size() == 8);
    for (const ComparedLayouts& row : comparison.rows) {
        CHECK_FALSE(row.wall);
        CHECK((!row.against || is<reason::NoTimeKnown>(row.against)));
    }
}

TEST_CASE("an MPI program is compared by kind of node") {
    Manifest manifest = synthetic::job(1, Seconds{100});
    manifest.kind = JobKind::mpi;
    const auto [advice, comparison] = see(manifest, nodes_of({1, 1, 8, 1}, 2));
    REQUIRE(comparison.rows.size() == 1);
    CHECK_FALSE(comparison.rows.front().against);
    CHECK(comparison.rows.front().best.workers == 8);
}

TEST_CASE("where nothing fits there is nothing to compare") {
    const auto [advice, comparison] =
        see(synthetic::job(10, Seconds{1}, 0, kGiB * 500), nodes_of({1, 1, 8, 1}, 1));
    CHECK_FALSE(advice.plan);
    CHECK(comparison.rows.empty());
}
