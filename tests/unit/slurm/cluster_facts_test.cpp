#include "slurm/cluster_facts.hpp"

#include <algorithm>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/slurm/replay.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

namespace {

const Partition& partition(const ClusterFacts& facts, const std::string& name) {
    const auto& all = facts.cluster.partitions;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.name == name; });
    REQUIRE(found != all.end());
    return *found;
}

int nodes_of(const Partition& partition) {
    int nodes = 0;
    for (const auto& group : partition.nodes) nodes += group.count;
    return nodes;
}

CommandPort always(CommandResult result) {
    return [result](const auto&, Seconds) { return result; };
}

}  // namespace

TEST_CASE(
    "every captured version gives one default partition, classes with cores and the launch types") {
    const std::string version =
        GENERATE("20.11", "21.08", "22.05", "23.02", "23.11", "24.05", "25.05", "25.11");
    CAPTURE(version);
    const auto facts = read_cluster_facts(replay(version));
    const auto& cluster = facts.cluster;
    CHECK(cluster.slurm_version->starts_with(version));
    CHECK_FALSE(cluster.name.empty());
    CHECK(cluster.max_array_size);
    CHECK(std::count_if(cluster.partitions.begin(), cluster.partitions.end(),
                        [](const auto& p) { return p.is_default; }) == 1);
    CHECK(facts.partitions.size() == cluster.partitions.size());
    REQUIRE(cluster.mpi);
    const auto& types = cluster.mpi->srun_types;
    CHECK(std::find(types.begin(), types.end(), "pmix") != types.end());
    CHECK(std::find(types.begin(), types.end(), "pmi2") != types.end());
    for (const auto& type : types) CHECK(type.find(' ') == std::string::npos);
    CHECK_FALSE(cluster.classes.empty());
    for (const auto& node_class : cluster.classes) {
        CHECK_FALSE(node_class.topology.cores.empty());
        CHECK(node_class.memory.value > 0);
    }
    int counted = 0;
    for (const auto& p : cluster.partitions) counted = std::max(counted, nodes_of(p));
    CHECK(counted <= facts.nodes_available);
}

TEST_CASE("20.11: silent nodes do not count, clouds powered down do") {
    const auto facts = read_cluster_facts(replay("20.11"));
    CHECK(facts.nodes_available == 5);
    CHECK(facts.nodes_unavailable == 1);
    const auto& compute = partition(facts, "compute");
    CHECK(nodes_of(compute) == 3);
    CHECK(compute.max_nodes == 4);
    CHECK(compute.max_time->value == 2 * 86400);
    CHECK(*compute.default_memory_per_cpu == kMiB * 4000);
    CHECK_FALSE(compute.whole_nodes);
    CHECK(partition(facts, "cloud").whole_nodes);
    CHECK(facts.partitions[0].default_time->value == 3600);
    CHECK(facts.cluster.max_array_size == 5001);
    CHECK(facts.settings.memory_is_granted);
    CHECK(facts.settings.default_mpi == "pmix");
}

TEST_CASE(
    "21.08: reserved cores and memory are out of reach, and nodes in two partitions count in "
    "both") {
    const auto facts = read_cluster_facts(replay("21.08"));
    REQUIRE(facts.cluster.classes.size() == 1);
    const auto& milan = facts.cluster.classes[0];
    CHECK_FALSE(partition(facts, "debug").min_nodes);
    CHECK(partition(facts, "batch").min_nodes == 2);
    CHECK(facts.partitions[0].qos == "batch");
    CHECK(facts.partitions[1].qos.empty());
    CHECK(milan.topology.cores.size() == 92);
    CHECK(milan.memory == kMiB * 760000);
    CHECK(milan.features == std::vector<std::string>{"milan"});
    CHECK(nodes_of(partition(facts, "batch")) == 3);
    CHECK(nodes_of(partition(facts, "debug")) == 1);
    CHECK_FALSE(partition(facts, "batch").max_time);
    CHECK(partition(facts, "batch").max_cpus_per_node == 88);
    CHECK(*facts.partitions[0].max_memory_per_cpu == kMiB * 4000);
    CHECK(*partition(facts, "batch").default_memory_per_cpu == kMiB * 2000);
    CHECK_FALSE(facts.settings.memory_is_granted);
}

TEST_CASE("22.05, captured: classes, limits and the drained node") {
    const auto facts = read_cluster_facts(replay("22.05"));
    CHECK(facts.cluster.name == "mini");
    CHECK(facts.version == Version{22, 5, 8});
    CHECK(facts.nodes_available == 63);
    CHECK(facts.nodes_unavailable == 1);
    CHECK(facts.cluster.classes.size() == 17);
    const auto& main_partition = partition(facts, "main");
    CHECK(main_partition.is_default);
    CHECK(nodes_of(main_partition) == 3);
    CHECK(*main_partition.default_memory_per_cpu == kMiB * 1000);
    CHECK_FALSE(main_partition.max_memory_per_node);
    const auto& limited = partition(facts, "short");
    CHECK(limited.max_nodes == 2);
    CHECK(limited.max_time->value == 600);
    CHECK(*limited.max_memory_per_node == kMiB * 1500);
    CHECK(*limited.default_memory_per_cpu == kMiB * 400);
    CHECK(partition(facts, "whole").whole_nodes);
    const auto& big = facts.cluster.classes[0];
    CHECK(big.name == "a");
    CHECK(big.memory == kMiB * 3900);
    CHECK(big.features == std::vector<std::string>{"a", "big"});
    const auto& last = facts.cluster.classes.back();
    CHECK(last.name == "q");
}

TEST_CASE("22.05, captured: an account's limits hold for its users") {
    const auto facts = read_cluster_facts(replay("22.05"));
    REQUIRE(facts.accounts.size() == 1);
    CHECK(facts.accounts[0].account == "guest");
    CHECK(facts.accounts[0].per_job.wall->value == 1800);
    CHECK(facts.accounts[0].all_jobs.nodes == 2);
    REQUIRE(facts.qos.size() == 1);
    CHECK(facts.qos[0].per_user.cpus == 4096);
}

TEST_CASE("23.02: nodes under maintenance do not count, planned ones do; four threads a core") {
    const auto facts = read_cluster_facts(replay("23.02"));
    CHECK(nodes_of(partition(facts, "std")) == 2);
    CHECK(facts.nodes_unavailable == 1);
    CHECK(threads_per_core(facts.cluster.classes[1].topology) == 4);
    CHECK(*partition(facts, "fat").max_memory_per_node == kMiB * 900000);
    CHECK(*partition(facts, "fat").default_memory_per_cpu == kMiB * 1900);
    CHECK(partition(facts, "fat").jobs_per_core == 2);
    CHECK(partition(facts, "std").jobs_per_core == 1);
}

TEST_CASE("23.11: GPUs, partitions that are not up, limits per account and partition") {
    const auto facts = read_cluster_facts(replay("23.11"));
    REQUIRE(facts.cluster.partitions.size() == 1);
    CHECK(facts.cluster.classes[0].gpus == 4);
    CHECK(*facts.partitions[0].max_memory_per_cpu == kMiB * 3900);
    CHECK_FALSE(facts.cluster.partitions[0].max_memory_per_node);
    REQUIRE(facts.closed.size() == 2);
    CHECK(facts.closed[0].name == "old");
    CHECK(facts.closed[0].state == "DOWN");
    CHECK_FALSE(facts.closed[0].is_default);
    REQUIRE(facts.accounts.size() == 2);
    CHECK(facts.accounts[0].qos == std::vector<std::string>{"high", "normal"});
    CHECK(facts.accounts[0].all_jobs.nodes == 16);
    CHECK(*facts.accounts[0].all_jobs.memory == kGiB * 4000);
    CHECK(facts.accounts[1].partition == "gpu");
    CHECK(facts.accounts[1].all_jobs.cpus == 128);
    CHECK(facts.accounts[1].per_job.gpus == 4);
    REQUIRE(facts.qos.size() == 2);
    CHECK(facts.qos[1].per_job.wall->value == 12 * 3600);
    CHECK(*facts.qos[1].per_user.memory == kTiB);
    CHECK(facts.qos[1].least_nodes == 2);
    CHECK(facts.qos[1].goes_before_partition);
    CHECK_FALSE(facts.qos[0].least_nodes);
    CHECK_FALSE(facts.qos[0].goes_before_partition);
}

TEST_CASE("24.05: whole nodes, the cluster's memory limit, registrations that failed") {
    const auto facts = read_cluster_facts(replay("24.05"));
    const auto& only = partition(facts, "main");
    CHECK(only.whole_nodes);
    CHECK(only.max_nodes == 2);
    CHECK(*only.max_memory_per_node == kMiB * 500000);
    CHECK(nodes_of(only) == 2);
    CHECK(facts.nodes_unavailable == 2);
    CHECK(facts.settings.launch_parameters == "use_interactive_step");
}

TEST_CASE("25.x: equal features in another order are one class; new fields do no harm") {
    const auto facts = read_cluster_facts(replay("25.05"));
    REQUIRE(facts.cluster.classes.size() == 1);
    CHECK(facts.cluster.classes[0].features == std::vector<std::string>{"ib", "turin"});
    CHECK(nodes_of(partition(facts, "quick")) == 2);
    CHECK(facts.nodes_unavailable == 1);
    CHECK(read_cluster_facts(replay("25.11")).nodes_available == 2);
}

TEST_CASE("one NUMA domain a socket is assumed") {
    const auto facts = read_cluster_facts(replay("25.11"));
    CHECK(facts.cluster.classes[0].domains_assumed);
    CHECK(facts.cluster.classes[0].topology.domains.size() == 1);
}

TEST_CASE("a missing Slurm, a silent controller and a failing command are told apart") {
    const auto fault = [](const CommandPort& run) {
        try {
            read_cluster_facts(run);
        } catch (const Error& error) {
            CHECK(error.code == ExitCode::environment);
            CHECK_FALSE(error.hint.empty());
            return std::string(error.what());
        }
        return std::string("no fault");
    };
    CHECK(fault(always({127, "", "", false})) == "`sinfo` was not found on PATH");
    CHECK(fault(always({0, "slurm\n", "", false})) == "`sinfo --version` named no version: slurm");
    const auto once_up = [](const CommandResult& later) {
        return [later](const std::vector<std::string>& argv, Seconds limit) {
            return argv[0] == "sinfo" ? replay("22.05")(argv, limit) : later;
        };
    };
    CHECK(fault(once_up({137, "", "", true})) ==
          "`scontrol show config` did not answer within 20 s");
    CHECK(
        fault(once_up({1, "", "slurm_load_ctl_conf error: Unable to contact slurm controller\nx\n",
                       false})) ==
        "`scontrol show config` failed with exit code 1: slurm_load_ctl_conf error: Unable to "
        "contact slurm controller");
    CHECK(fault(once_up({0, "No partitions in the system\n", "", false})) ==
          "Slurm shows no partition that you may use");
}

TEST_CASE("without srun and sacctmgr the facts are there, less the launch types and limits") {
    const auto run = [](const std::vector<std::string>& argv, Seconds limit) -> CommandResult {
        if (argv[0] == "srun" || argv[0] == "sacctmgr") return {127, "", "", false};
        return replay("22.05")(argv, limit);
    };
    const auto facts = read_cluster_facts(run);
    CHECK_FALSE(facts.cluster.mpi);
    CHECK(facts.accounts.empty());
    CHECK(facts.qos.empty());
    CHECK(facts.cluster.classes.size() == 17);
}
