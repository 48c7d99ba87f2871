#include "slurm/refusal.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

namespace {

Manifest manifest() {
    Manifest manifest;
    manifest.limits.account = "chemistry";
    manifest.limits.qos = "fast";
    manifest.limits.constraint = "gpu";
    return manifest;
}

std::string told(const std::string& said) {
    return explained("the script", said, manifest(), "main").what();
}

bool names(const std::string& said, const std::string& key) {
    return told(said).find(key) != std::string::npos;
}

}  // namespace

TEST_CASE("refusals name the key of the manifest") {
    CHECK(
        names("Batch job submission failed: Invalid account or account/partition combination "
              "specified",
              "limits.account: chemistry"));
    CHECK(names("Batch job submission failed: Invalid qos specification", "limits.qos: fast"));
    CHECK(names("invalid partition specified: nowhere", "limits.partition"));
    CHECK(names("User's group not permitted to use this partition", "not open to you"));
    CHECK(names("Invalid feature specification", "limits.constraint: gpu"));
    CHECK(names("Requested node configuration is not available", "limits.constraint"));
    CHECK(names("Node count specification invalid", "limits.nodes"));
    CHECK(names("Requested time limit is invalid (missing or exceeds some limit)", "limits.time"));
    CHECK(names("Memory specification can not be satisfied", "resources.memory"));
    CHECK(names("Invalid generic resource (gres) specification", "resources.gpus"));
    CHECK(names("Requested reservation is invalid", "slurm:"));
    CHECK(
        names("Job violates accounting/QOS policy (job submit limit, user's size and/or time "
              "limits)",
              "account chemistry"));
}

TEST_CASE("refusals of the request are infeasible, of Slurm itself the environment's") {
    const auto code = [](const char* said) { return explained("it", said, {}, "main").code; };
    CHECK(code("Invalid qos specification") == ExitCode::infeasible);
    CHECK(code("Requested node configuration is not available") == ExitCode::infeasible);
    CHECK(code("Unable to contact slurm controller (connect failure)") == ExitCode::environment);
    CHECK(code("Required partition not available (inactive or drain)") == ExitCode::environment);
    CHECK(code("Protocol authentication error") == ExitCode::environment);
    CHECK(code("something new") == ExitCode::environment);
}

TEST_CASE("Slurm's own words are always told, on one line") {
    CHECK(names("line one\nline two", "line one;line two"));
    CHECK(names("", "does not say why"));
    CHECK_FALSE(explained("it", "x", {}, "main").hint.empty());
}
