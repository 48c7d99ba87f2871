#include "advisor/cli/node_findings.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::cli;

namespace {

NodeFindings everything() {
    NodeFindings findings;
    findings.node = "n1";
    Observation observed;
    observed.profile.items = 100;
    observed.profile.origin = "2 items";
    observed.profile.cost = {1.5};
    observed.profile.worker_start = Seconds{0.25};
    observed.profile.unfinished = {{60}};
    observed.profile.failed = 2;
    observed.profile.too_little_to_save = Seconds{0.5};
    observed.profile.warm_up = Sample{{9}, kMiB * 8, {}, {}, {}, {}, 1, {}, 0, Seconds{1}};
    Sample sample;
    sample.seconds = {0.125};
    sample.peak_rss = kMiB * 3;
    sample.concurrency = 4;
    sample.item = std::string("caf\xc3\xa9 \xff\xfe\n\"\0", 11);
    observed.profile.samples = {sample};
    observed.kept = {{7, "x", {0.5}, 0, std::string("\0\x80\xff", 3), "err\n"}};
    observed.notes = {"a note"};
    findings.observed = observed;
    return findings;
}

}  // namespace

TEST_CASE("findings come back as they were, whatever bytes they hold") {
    const NodeFindings before = everything();
    const auto after = find_findings(findings_line(before));
    REQUIRE(after);
    CHECK(after->node == "n1");
    REQUIRE(after->observed);
    CHECK(after->observed->profile.worker_start->value == 0.25);
    CHECK(after->observed->profile.unfinished.front().value == 60);
    CHECK(after->observed->profile.failed == 2);
    CHECK(after->observed->profile.too_little_to_save->value == 0.5);
    CHECK(after->observed->profile.warm_up->seconds.value == 9);
    CHECK(after->observed->profile.warm_up->queued->value == 1);
    REQUIRE(after->observed->profile.samples.size() == 1);
    const Sample& sample = after->observed->profile.samples.front();
    CHECK(sample.item == before.observed->profile.samples.front().item);
    CHECK(sample.peak_rss == kMiB * 3);
    CHECK_FALSE(sample.user);
    CHECK_FALSE(sample.queued);
    CHECK(after->observed->kept.front().out == before.observed->kept.front().out);
    CHECK(after->observed->notes == before.observed->notes);
    CHECK_FALSE(after->error);
}

TEST_CASE("an error on the node keeps its code and hint") {
    NodeFindings failed;
    failed.error = Error(ExitCode::bad_input, "item 3 failed", "look at it");
    const auto after = find_findings(findings_line(failed));
    REQUIRE(after->error);
    CHECK(after->error->code == ExitCode::bad_input);
    CHECK(std::string(after->error->what()) == "item 3 failed");
    CHECK(after->error->hint == "look at it");
}

TEST_CASE("findings are found among what a site's scripts print") {
    const std::string line = findings_line(everything());
    CHECK(find_findings("Welcome to the cluster!\n" + line + "good bye\n"));
    CHECK_FALSE(find_findings("Welcome to the cluster!\n"));
    CHECK_FALSE(find_findings(line.substr(0, line.size() / 2)));
    CHECK_FALSE(find_findings(""));
}
