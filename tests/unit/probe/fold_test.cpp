#include <algorithm>
#include <numeric>
#include <random>

#include "advisor/core/error.hpp"
#include "advisor/core/node_survey.hpp"
#include "advisor/io/survey_json.hpp"
#include "mpi/probe/fold_tree.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/probe/made_nodes.hpp"

using namespace amorsize;
using amorsize::made_nodes::node;
using amorsize::made_nodes::random_nodes;

TEST_CASE("nodes with equal facts are one group, others are not") {
    NodeSurvey survey = fold(survey_of(node("n1")), survey_of(node("n2")));
    CHECK(survey.groups.size() == 1);
    CHECK(survey.groups.begin()->second.hosts.text() == "n[1-2]");

    NodeGroup other_shape = node("n3");
    other_shape.usable = "half of it";
    survey = fold(survey, survey_of(other_shape));
    NodeGroup other_hardware = node("n4");
    other_hardware.hardware = "another processor";
    survey = fold(survey, survey_of(other_hardware));
    CHECK(survey.groups.size() == 3);
    CHECK(node_count(survey) == 4);
}

TEST_CASE("a group plans with the least memory of its nodes, and one topology") {
    NodeGroup low = node("n2");
    low.memory = Bytes{3 * kGiB.value};
    low.memory_per_domain = {Bytes{kGiB.value}, Bytes{2 * kGiB.value}};
    low.topology_xml = "second";
    NodeGroup first = node("n1");
    first.memory_per_domain = {Bytes{2 * kGiB.value}, Bytes{kGiB.value}};
    first.topology_xml = "first";
    const NodeSurvey survey = fold(survey_of(low), survey_of(first));
    const NodeGroup& group = survey.groups.begin()->second;
    CHECK(group.memory == Bytes{3 * kGiB.value});
    CHECK(group.memory_per_domain == std::vector<Bytes>{kGiB, kGiB});
    CHECK(group.topology_xml == "first");
    CHECK(group.sample_host == "n1");
}

TEST_CASE("a group's figures are no surer than on the node that scattered most") {
    NodeGroup calm = node("n1");
    NodeGroup restless = node("n2");
    calm.spread.exec = Fraction{0.01};
    restless.spread.exec = Fraction{0.2};
    restless.spread.thread = Fraction{0.05};
    const NodeSurvey survey = fold(survey_of(calm), survey_of(restless));
    CHECK(survey.groups.begin()->second.spread == restless.spread);
    CHECK(decode_survey(encode(survey), "a test") == survey);
}

TEST_CASE("medians are exact for a few nodes and close for many") {
    FigureSummary few;
    for (int i = 15; i >= 1; --i) few.add({i * 1.0, "n" + std::to_string(i), ""});
    CHECK(few.median() == 8);
    CHECK(few.lowest().front().host == "n1");
    CHECK(few.highest().front().host == "n15");
    FigureSummary even;
    for (const double value : {1.0, 2.0, 4.0, 8.0}) even.add({value, "n", ""});
    CHECK(even.median() == 3);
    FigureSummary many;
    for (int i = 1; i <= 9999; ++i) many.add({i * 1.0, "n" + std::to_string(i), ""});
    CHECK(many.median() == Approx(5000).epsilon(0.0026));
    CHECK(many.median_deviation() == Approx(2500).epsilon(0.01));
    CHECK(many.lowest().size() == FigureSummary::kNamed);
}

TEST_CASE("what is not a number does not count") {
    FigureSummary summary;
    summary.add({std::numeric_limits<double>::quiet_NaN(), "n1", ""});
    summary.add({std::numeric_limits<double>::infinity(), "n2", ""});
    CHECK(summary.empty());
}

TEST_CASE("a fold gives the same survey in any order and grouping") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 100; ++round) {
        std::vector<NodeSurvey> nodes = random_nodes(random, 1 + static_cast<int>(random() % 40));
        const NodeSurvey one_by_one =
            std::accumulate(nodes.begin(), nodes.end(), NodeSurvey{}, fold);
        std::shuffle(nodes.begin(), nodes.end(), random);
        while (nodes.size() > 1) {
            const std::size_t at = random() % (nodes.size() - 1);
            nodes[at] =
                random() % 2 == 0 ? fold(nodes[at], nodes[at + 1]) : fold(nodes[at + 1], nodes[at]);
            nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        }
        REQUIRE(nodes.front() == one_by_one);
    }
}

TEST_CASE("a survey of nothing changes nothing") {
    std::mt19937_64 random(8);
    const auto nodes = random_nodes(random, 20);
    const NodeSurvey survey = std::accumulate(nodes.begin(), nodes.end(), NodeSurvey{}, fold);
    CHECK(fold(survey, {}) == survey);
    CHECK(fold({}, survey) == survey);
}

TEST_CASE("a survey reads back from its bytes") {
    std::mt19937_64 random(9);
    for (int count : {0, 1, 2, 8, 9, 60}) {
        const auto nodes = random_nodes(random, count);
        const NodeSurvey survey = std::accumulate(nodes.begin(), nodes.end(), NodeSurvey{}, fold);
        CHECK(decode_survey(encode(survey), "a test") == survey);
    }
}

TEST_CASE("bytes that are no survey are refused with their origin") {
    const std::string good = encode(survey_of(node("n1")));
    for (const std::string& bad : {std::string(), std::string("{}"), std::string("nonsense"),
                                   good.substr(0, good.size() / 2), good.substr(0, good.size() - 1),
                                   std::string("{\"survey\":1}")}) {
        try {
            decode_survey(bad, "file x");
            FAIL("not refused: " << bad);
        } catch (const Error& error) {
            CHECK(error.code == ExitCode::bad_input);
            CHECK(std::string(error.what()).rfind("file x is no node report: ", 0) == 0);
        }
    }
}

TEST_CASE("a survey whose figures or names are gone is refused, not computed with") {
    const std::string good = encode(survey_of(node("n1")));
    const auto with = [&](const std::string& part, const std::string& other) {
        std::string bad = good;
        const std::size_t at = bad.find(part);
        REQUIRE(at != std::string::npos);
        return bad.replace(at, part.size(), other);
    };
    for (const std::string& bad :
         {with("\"hosts\":\"n1\"", "\"hosts\":\"\""), with("\"hosts\":\"n1\"", "\"hosts\":\"n[\""),
          with("\"exec\":[[[", "\"exec\":[[],[]],\"x\":[[["), with(",1]]", ",-1]]")}) {
        CHECK_THROWS_AS(decode_survey(bad, "file x"), Error);
    }
}

TEST_CASE("bytes grow with the classes, not with the nodes") {
    std::mt19937_64 random(10);
    const auto bytes_of = [&](int count) {
        const auto nodes = random_nodes(random, count);
        return encode(std::accumulate(nodes.begin(), nodes.end(), NodeSurvey{}, fold)).size();
    };
    CHECK(bytes_of(4000) < 3 * bytes_of(200));
}

TEST_CASE("every rank but the root has one parent, and all hang together") {
    for (int size : {1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 1000}) {
        std::vector<int> parents(static_cast<std::size_t>(size), -1);
        for (int rank = 0; rank < size; ++rank) {
            const auto place = probe::place_in_tree(rank, size);
            for (const int child : place.children) {
                CHECK(parents[static_cast<std::size_t>(child)] == -1);
                parents[static_cast<std::size_t>(child)] = rank;
                CHECK(probe::place_in_tree(child, size).parent == rank);
                CHECK(probe::place_in_tree(child, size).height < place.height);
            }
        }
        CHECK(parents[0] == -1);
        CHECK(std::count(parents.begin(), parents.end(), -1) == 1);
        CHECK((1 << probe::place_in_tree(0, size).height) < 2 * size);
    }
}
