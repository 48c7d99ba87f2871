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

TEST_CASE("srun takes over cpus-per-task before 22.05 and from 23.11 on") {
    CHECK(srun_inherits_cpus_per_task({20, 11, 9}));
    CHECK(srun_inherits_cpus_per_task({21, 8, 8}));
    CHECK_FALSE(srun_inherits_cpus_per_task({22, 5, 0}));
    CHECK_FALSE(srun_inherits_cpus_per_task({23, 2, 7}));
    CHECK(srun_inherits_cpus_per_task({23, 11, 0}));
    CHECK(srun_inherits_cpus_per_task({25, 5, 0}));
}

TEST_CASE("launchers need the external step from 23.11 on") {
    CHECK_FALSE(launcher_needs_external_step({23, 2, 7}));
    CHECK(launcher_needs_external_step({23, 11, 0}));
    CHECK_FALSE(cpus_per_task_sets_tres_per_task({23, 11, 10}));
    CHECK(cpus_per_task_sets_tres_per_task({24, 5, 0}));
}
