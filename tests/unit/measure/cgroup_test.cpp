#include "advisor/measure/cgroup.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize::measure;

namespace {

SystemRoot captured(const std::string& name) {
    return {AMORSIZE_TEST_DATA "/data/measure/systems/" + name};
}

std::vector<std::string> directories(const std::string& system, const char* controller) {
    std::vector<std::string> found;
    for (const CgroupLevel& level : cgroup_levels(captured(system), controller)) {
        found.push_back(level.directory);
    }
    return found;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("a version 2 group is followed by each of its ancestors up to the mount") {
    CHECK(directories("cgroup-v2-nested", "memory") ==
          Paths{"/sys/fs/cgroup/system.slice/slurmstepd.scope/job_42/step_0/user",
                "/sys/fs/cgroup/system.slice/slurmstepd.scope/job_42/step_0",
                "/sys/fs/cgroup/system.slice/slurmstepd.scope/job_42",
                "/sys/fs/cgroup/system.slice/slurmstepd.scope", "/sys/fs/cgroup/system.slice",
                "/sys/fs/cgroup"});
}

TEST_CASE("version 1 controllers mounted together or alone are each found in their own hierarchy") {
    CHECK(directories("cgroup-v1", "cpu") == Paths{"/sys/fs/cgroup/cpu,cpuacct/slurm/uid_1000",
                                                   "/sys/fs/cgroup/cpu,cpuacct/slurm",
                                                   "/sys/fs/cgroup/cpu,cpuacct"});
    CHECK(directories("cgroup-v1", "cpuset").size() == 5);
    CHECK(directories("cgroup-v1", "blkio").empty());
}

TEST_CASE("a container's group is the root of what it sees") {
    CHECK(directories("container-v2", "memory") == Paths{"/sys/fs/cgroup"});
    CHECK(directories("container-v1", "memory") == Paths{"/sys/fs/cgroup/memory"});
    CHECK(directories("container-outside", "memory") == Paths{"/sys/fs/cgroup"});
}

TEST_CASE("without cgroups, or without /proc, there are no groups") {
    CHECK(directories("bare", "memory").empty());
    CHECK(directories("nonexistent", "memory").empty());
}

TEST_CASE("a limit is named by its version, directory and file") {
    CHECK(CgroupLevel{2, "/sys/fs/cgroup/job"}.source("memory.max") ==
          "cgroup v2 /sys/fs/cgroup/job memory.max");
}

TEST_CASE("only whole non-negative numbers count as numbers") {
    CHECK(leading_number("100000 100000") == 100000);
    CHECK(leading_number("  42\n") == 42);
    CHECK_FALSE(leading_number("max 100000"));
    CHECK_FALSE(leading_number("-1"));
    CHECK_FALSE(leading_number(""));
    CHECK_FALSE(leading_number("12abc"));
    CHECK_FALSE(leading_number("99999999999999999999999"));
}

TEST_CASE("a table's key matches whole and at the start of a line") {
    const char* table = "total_inactive_file 7\ninactive_file 5\nactive_file\t3\n";
    CHECK(number_of(table, "inactive_file") == 5);
    CHECK(number_of(table, "active_file") == 3);
    CHECK_FALSE(number_of(table, "file"));
    CHECK_FALSE(number_of(table, "inactive"));
    CHECK_FALSE(number_of("", "x"));
}

TEST_CASE("number lists are read with ranges and up to the first fault") {
    CHECK(parse_number_list("0-3,8\n") == std::vector<int>{0, 1, 2, 3, 8});
    CHECK(parse_number_list("5,1") == std::vector<int>{1, 5});
    CHECK(parse_number_list("").empty());
    CHECK(parse_number_list("2,x,4") == std::vector<int>{2});
    CHECK(parse_number_list("0-99999999").empty());
    CHECK(parse_number_list("3-1").empty());
}
