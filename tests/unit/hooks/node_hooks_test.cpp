#include "slurm/hooks/node_hooks.hpp"

#include <catch2/catch.hpp>

using namespace amorsize::hooks;

TEST_CASE("CPUs granted on a node", "[hooks]") {
    CHECK(granted_cpus("n2", "n[1-3]", "2(x2),1") == "2");
    CHECK(granted_cpus("n3", "n[1-3]", "2(x2),1") == "1");
    CHECK(granted_cpus("b7", "a1,b[5,7]", "4,2(x2)") == "2");
    CHECK(granted_cpus("n1", "n1", "64") == "64");
    for (const auto& [nodes, cpus] :
         {std::pair{"n2", "2"}, std::pair{"n1", ""}, std::pair{"n1", "2(x"},
          std::pair{"n1", "2(x0)"}, std::pair{"n1", "-1"}, std::pair{"", "2"},
          std::pair{"n[1", "2"}}) {
        CHECK(granted_cpus("n1", nodes, cpus).empty());
    }
}

TEST_CASE("What a node no longer has of its class", "[hooks]") {
    const KeyValues expected{{"cores", "64"}, {"memory_mib", "256000"}, {"note", "ours"}};
    CHECK(differences(expected, {{"cores", "64"}, {"memory_mib", "256000"}}).empty());
    CHECK(differences(expected, {{"cores", "64"}, {"memory_mib", "250000"}}).empty());
    CHECK(differences(expected, {{"cores", "64"}, {"memory_mib", "128000"}}) ==
          std::vector<std::string>{"memory_mib expected=256000 found=128000"});
    CHECK(differences(expected, {{"cores", "32"}, {"memory_mib", "256000"}}) ==
          std::vector<std::string>{"cores expected=64 found=32"});
    CHECK(differences({}, {{"cores", "32"}}).empty());
}

TEST_CASE("Settings that are not understood turn the hooks off", "[hooks]") {
    const auto site = parse_site("# ours\nenabled = yes\nstate = /s/%n\nrequests = fill\n", "n1");
    REQUIRE(site);
    CHECK(site->state == "/s/n1");
    CHECK(site->record == "/var/lib/amorsize");
    CHECK(site->requests == Requests::fill);
    CHECK(parse_site("enabled=yes", "n1")->requests == Requests::off);
    for (const char* off :
         {"", "enabled = no", "enabled = yes\nstat = /s", "enabled = yes\nstate = s",
          "enabled = yes\nrequests = loud", "enabled = yes\nhm"}) {
        CHECK_FALSE(parse_site(off, "n1"));
    }
}
