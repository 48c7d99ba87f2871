#include "advisor/measure/usable_memory.hpp"

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

UsableMemory memory_of(const std::string& name, const SlurmGrant& grant = {}) {
    return usable_memory({AMORSIZE_TEST_DATA "/data/measure/systems/" + name}, grant);
}

Bytes left_by(const UsableMemory& memory, const std::string& source) {
    for (const MemoryLimit& limit : memory.limits) {
        if (limit.source == source) return limit.available;
    }
    return {-1};
}

}  // namespace

TEST_CASE("without cgroups MemAvailable is usable") {
    const UsableMemory memory = memory_of("bare");
    CHECK(memory.available == 48 * kGiB);
    CHECK(memory.installed == 64 * kGiB);
    REQUIRE(memory.limits.size() == 1);
    CHECK(memory.limits[0].source == "MemAvailable");
}

TEST_CASE("every version 2 ancestor limits by memory.max and memory.high less its use") {
    const UsableMemory memory = memory_of("cgroup-v2-nested");
    const std::string job = "cgroup v2 /sys/fs/cgroup/system.slice/slurmstepd.scope/job_42";
    // 12 GiB high less 2 in use, before 16 GiB max less (6 in use - 4 of inactive file pages).
    CHECK(memory.available == 10 * kGiB);
    CHECK(memory.limits.front().source == job + "/step_0 memory.high");
    CHECK(left_by(memory, job + " memory.max") == 14 * kGiB);
    CHECK(memory.limits.size() == 3);
}

TEST_CASE("version 1 limits count the inactive file pages of the whole subtree as free") {
    const UsableMemory memory = memory_of("cgroup-v1");
    const std::string slurm = "cgroup v1 /sys/fs/cgroup/memory/slurm/uid_1000";
    CHECK(memory.available == 14 * kGiB);  // 32 less (28 - 10)
    CHECK(memory.limits.front().source == slurm + " memory.limit_in_bytes");
    CHECK(left_by(memory, slurm + "/job_7 memory.limit_in_bytes") == 18 * kGiB);
    CHECK(left_by(memory, slurm + "/job_7/step_0 memory.limit_in_bytes") == 19 * kGiB);
    CHECK(memory.limits.size() == 4);  // unlimited levels are no limits
}

TEST_CASE("a version 1 ancestor that does not count its children does not limit them") {
    const UsableMemory memory = memory_of("cgroup-hybrid");
    CHECK(memory.available == 8 * kGiB);
    CHECK(memory.limits.front().source ==
          "cgroup v1 /sys/fs/cgroup/memory/batch/one memory.limit_in_bytes");
    CHECK(memory.limits.size() == 2);
}

TEST_CASE("containers are limited by what they see of their cgroup") {
    CHECK(memory_of("container-v2").available == kGiB * 1.75);
    CHECK(memory_of("container-v1").available == 3 * kGiB);
}

TEST_CASE("a group over its limit leaves nothing, never less") {
    CHECK(memory_of("container-outside").available.value == 0);
}

TEST_CASE("Slurm's grant limits, per node before per CPU") {
    SlurmGrant grant;
    grant.memory_per_cpu = 2 * kGiB;
    CHECK(memory_of("bare", grant).available == 48 * kGiB);  // without a CPU count it says nothing
    grant.cpus = 4;
    const UsableMemory per_cpu = memory_of("bare", grant);
    CHECK(per_cpu.available == 8 * kGiB);
    CHECK(per_cpu.limits.front().source == "Slurm SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE");
    grant.memory_per_node = 30 * kGiB;
    const UsableMemory per_node = memory_of("bare", grant);
    CHECK(per_node.available == 30 * kGiB);
    CHECK(per_node.limits.front().source == "Slurm SLURM_MEM_PER_NODE");
}

TEST_CASE("a cpuset that leaves some NUMA nodes limits to what is available there") {
    const UsableMemory memory = memory_of("two-nodes");
    CHECK(memory.available == 28 * kGiB);  // free + file pages + reclaimable slab of node 0
    CHECK(memory.limits.front().source == "Mems_allowed (NUMA nodes 0)");
    REQUIRE(memory.nodes.size() == 2);  // a node without memory is none
    CHECK(available_on(memory, 0) == 28 * kGiB);
    CHECK(available_on(memory, 1) == 28 * kGiB);  // 30 there, but no more than on the machine
    CHECK_FALSE(available_on(memory, 3));
}

TEST_CASE("a kernel without MemAvailable is summed up from what can be freed") {
    const UsableMemory memory = memory_of("old-kernel");
    CHECK(memory.available == 7 * kGiB);
    CHECK(memory.nodes.empty());
}

TEST_CASE("without /proc the error says what is missing") {
    try {
        memory_of("nonexistent");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::environment);
        CHECK(std::string(error.what()).ends_with("/proc/meminfo: no MemTotal to read"));
    }
}

TEST_CASE("this machine has memory, and no limit leaves more than is installed") {
    const UsableMemory memory = usable_memory();
    CHECK(memory.available.value > 0);
    CHECK(memory.available <= memory.installed);
    CHECK(memory.available == memory.limits.front().available);
}
