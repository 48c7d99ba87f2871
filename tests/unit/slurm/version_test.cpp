#include "slurm/version.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize::slurm;

TEST_CASE("a Slurm version is found in what the commands print") {
    CHECK(parse_version("slurm-wlm 22.05.8\n") == Version{22, 5, 8});
    CHECK(parse_version("slurm 21.08.8-2") == Version{21, 8, 8});
    CHECK(parse_version("slurm 23.11.0-0rc1") == Version{23, 11, 0});
    CHECK(parse_version("24.05") == Version{24, 5, 0});
    CHECK(parse_version("build 7 of slurm 25.05.2") == Version{25, 5, 2});
    CHECK_FALSE(parse_version("slurm"));
    CHECK_FALSE(parse_version(""));
    CHECK_FALSE(parse_version("7"));
    CHECK(to_string({22, 5, 8}) == "22.05.8");
}

TEST_CASE("versions compare by year, month and patch") {
    CHECK(Version{22, 5, 8} < Version{22, 5, 11});
    CHECK(Version{21, 8, 8} < Version{22, 5, 0});
    CHECK(Version{23, 11, 0} > Version{23, 2, 9});
}
