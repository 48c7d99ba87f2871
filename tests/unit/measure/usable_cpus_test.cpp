#include "advisor/measure/usable_cpus.hpp"

#include <map>
#include <numeric>

#include "advisor/core/error.hpp"
#include "advisor/measure/topology_source.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

UsableCpus cpus_of(const std::string& name, const SlurmGrant& grant = {}) {
    return usable_cpus({AMORSIZE_TEST_DATA "/data/measure/systems/" + name}, grant);
}

UsableCpus allow(std::vector<int> pus, double quota = 1e9, std::vector<int> memory_nodes = {}) {
    UsableCpus usable;
    usable.cpus = std::min(quota, static_cast<double>(pus.size()));
    usable.pus = std::move(pus);
    usable.memory_nodes = std::move(memory_nodes);
    return usable;
}

std::vector<int> first_pus(int count) {
    std::vector<int> pus(static_cast<std::size_t>(count));
    std::iota(pus.begin(), pus.end(), 0);
    return pus;
}

}  // namespace

TEST_CASE("without limits every hardware thread online is usable") {
    const UsableCpus usable = cpus_of("bare");
    CHECK(usable.pus == first_pus(8));
    CHECK(usable.cpus == 8);
    CHECK(usable.installed == 8);
    CHECK(usable.limits.empty());
    CHECK_FALSE(usable.grant);
}

TEST_CASE("a version 2 job is limited by its quota and its cpuset, the tightest first") {
    const UsableCpus usable = cpus_of("cgroup-v2-nested");
    const std::string job = "cgroup v2 /sys/fs/cgroup/system.slice/slurmstepd.scope/job_42";
    CHECK(usable.pus == first_pus(4));
    CHECK(usable.cpus == 2.5);
    CHECK(usable.whole() == 2);
    CHECK(usable.installed == 8);
    CHECK(usable.limits ==
          std::vector<CpuLimit>{{job + " cpu.max", 2.5}, {job + " cpuset.cpus.effective", 4}});
}

TEST_CASE("a version 1 job is limited by the quota of an ancestor and its cpuset") {
    const UsableCpus usable = cpus_of("cgroup-v1");
    CHECK(usable.pus == std::vector<int>{2, 3});
    CHECK(usable.cpus == 1.5);
    CHECK(usable.whole() == 1);
    REQUIRE(usable.limits.size() == 2);
    CHECK(usable.limits[0].source ==
          "cgroup v1 /sys/fs/cgroup/cpu,cpuacct/slurm/uid_1000 cpu.cfs_quota_us");
}

TEST_CASE("a quota below one CPU still plans with one") {
    const UsableCpus usable = cpus_of("container-v2");
    CHECK(usable.cpus == 0.5);
    CHECK(usable.whole() == 1);
    CHECK(usable.pus.size() == 8);
}

TEST_CASE("an affinity without a cpuset is named as such") {
    const UsableCpus usable = cpus_of("two-nodes");
    CHECK(usable.limits == std::vector<CpuLimit>{{"CPU affinity", 4}});
    CHECK(usable.memory_nodes == std::vector<int>{0});
}

TEST_CASE("what Slurm granted is told and not applied") {
    SlurmGrant grant;
    grant.cpus = 2;
    const UsableCpus usable = cpus_of("bare", grant);
    CHECK(usable.cpus == 8);
    REQUIRE(usable.grant);
    CHECK(*usable.grant == CpuLimit{"Slurm SLURM_CPUS_ON_NODE", 2});
}

TEST_CASE("Slurm's variables are read as whole numbers, memory in MiB") {
    std::map<std::string, std::string> variables{
        {"SLURM_CPUS_ON_NODE", "6"}, {"SLURM_MEM_PER_NODE", "0"}, {"SLURM_MEM_PER_CPU", "1024"}};
    const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    SlurmGrant grant = slurm_grant(lookup);
    CHECK(grant.cpus == 6);
    CHECK_FALSE(grant.memory_per_node);  // 0: all of the node's
    CHECK(grant.memory_per_cpu == kGiB);
    variables = {{"SLURM_CPUS_ON_NODE", "x"}, {"SLURM_MEM_PER_NODE", "99999999999999999"}};
    grant = slurm_grant(lookup);
    CHECK_FALSE(grant.cpus);
    CHECK_FALSE(grant.memory_per_node);
    CHECK_FALSE(grant.memory_per_cpu);
}

TEST_CASE("without /proc there is an error and no guess") {
    CHECK_THROWS_AS(cpus_of("nonexistent"), Error);
}

TEST_CASE("a topology keeps only the hardware threads that are allowed") {
    const Topology machine = topology_from_synthetic("pack:2 numa:2 l3:2 core:2 pu:2");
    // Both threads of core 0, one of core 1, one core of the last L3 group.
    const Topology usable = restrict_to(machine, allow({0, 1, 2, 30, 31}));
    REQUIRE(usable.cores.size() == 3);
    CHECK(hardware_threads(usable) == 5);
    CHECK(usable.cores[0].pus == std::vector<int>{0, 1});
    CHECK(usable.cores[1].pus == std::vector<int>{2});
    CHECK(usable.cores[2].pus == std::vector<int>{30, 31});
    REQUIRE(usable.domains.size() == 2);
    CHECK(usable.domains[1].os_index == 3);
    CHECK(usable.cores[2].domain == 1);
    CHECK(usable.cores[2].package == 1);
    CHECK(usable.cores[2].l3 == 1);
    CHECK(usable.packages == 2);
    CHECK(usable.l3_caches == 2);
    REQUIRE(usable.memory_only.size() == 2);
    CHECK(usable.memory_only[0].os_index == 1);
    CHECK(usable.memory_only[1].os_index == 2);
}

TEST_CASE("a quota takes second threads before cores and an even share of every domain") {
    const Topology machine = topology_from_synthetic("numa:4 core:4 pu:2");
    const auto under = [&](double quota) {
        return restrict_to(machine, allow(first_pus(32), quota));
    };
    CHECK(hardware_threads(under(32)) == 32);
    const Topology threads = under(20.9);
    CHECK(hardware_threads(threads) == 20);
    CHECK(threads.cores.size() == 16);
    const Topology cores = under(6);
    CHECK(hardware_threads(cores) == 6);
    REQUIRE(cores.domains.size() == 4);
    CHECK(cores_of_domain(cores, 0) == 2);
    CHECK(cores_of_domain(cores, 1) == 2);
    CHECK(cores_of_domain(cores, 2) == 1);
    CHECK(cores_of_domain(cores, 3) == 1);
    const Topology two = under(2.5);
    CHECK(hardware_threads(two) == 2);
    CHECK(two.domains.size() == 2);
    CHECK(two.memory_only.size() == 2);
    CHECK(hardware_threads(under(0.5)) == 1);
}

TEST_CASE("a quota lost in the rounding of its period still counts whole CPUs") {
    CHECK(allow(first_pus(8), 3.9995).whole() == 4);
    CHECK(allow(first_pus(8), 3.9).whole() == 3);
}

TEST_CASE("cores whose own memory is denied count to the next domain of their package") {
    Topology machine = topology_from_synthetic("pack:2 numa:2 core:2 pu:1");
    machine.gpus_per_domain = {0, 1, 0, 2};
    const Topology usable = restrict_to(machine, allow(first_pus(8), 8, {0, 3}));
    REQUIRE(usable.domains.size() == 2);
    CHECK(usable.domains[0].os_index == 0);
    CHECK(usable.domains[1].os_index == 3);
    CHECK(cores_of_domain(usable, 0) == 4);
    CHECK(cores_of_domain(usable, 1) == 4);
    CHECK(usable.cores[4].package == 1);
    CHECK(usable.memory_only.empty());
    CHECK(usable.gpus_per_domain == std::vector<int>{1, 2});
}

TEST_CASE("a topology without any of our CPUs is refused") {
    CHECK_THROWS_AS(restrict_to(topology_from_synthetic("pu:4"), allow({17})), Error);
}

TEST_CASE("restricting to everything changes nothing") {
    for (const char* text : {"pu:1", "pack:2 numa:4 core:16 pu:2", "numa:16 core:8 pu:4",
                             "group:2 [numa] [numa] core:2 pu:1"}) {
        const Topology machine = topology_from_synthetic(text);
        const Topology same = restrict_to(machine, allow(first_pus(hardware_threads(machine))));
        CHECK(describe(same) == describe(machine));
        CHECK(same.memory_only.size() == machine.memory_only.size());
        CHECK(same.l3_caches == machine.l3_caches);
        for (std::size_t i = 0; i < same.cores.size(); ++i) {
            CHECK(same.cores[i].pus == machine.cores[i].pus);
            CHECK(same.cores[i].domain == machine.cores[i].domain);
        }
    }
}
