#include "slurm/parse_nodes.hpp"
#include "slurm/parse_records.hpp"
#include "slurm/parse_values.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

TEST_CASE("a time limit is read in each of Slurm's forms") {
    CHECK(parse_time("90")->value == 90 * 60);
    CHECK(parse_time("10:30")->value == 10 * 60 + 30);
    CHECK(parse_time("01:00:05")->value == 3605);
    CHECK(parse_time("2-00:00:00")->value == 2 * 86400);
    CHECK(parse_time("1-12")->value == 36 * 3600);
    CHECK(parse_time("1-12:30")->value == 36 * 3600 + 30 * 60);
    for (const auto* none : {"UNLIMITED", "INFINITE", "NONE", "N/A", "", "1:2:3:4", "-5", "1-"}) {
        CAPTURE(none);
        CHECK_FALSE(parse_time(none));
    }
}

TEST_CASE("memory is in MiB unless a suffix says otherwise") {
    CHECK(parse_memory("4000") == kMiB * 4000);
    CHECK(parse_memory("256G") == kGiB * 256);
    CHECK(parse_memory("1.5T") == kGiB * 1536);
    CHECK(parse_memory("512K") == kKiB * 512);
    for (const auto* none : {"UNLIMITED", "", "-1", "4X", "nan", "1e300"}) {
        CAPTURE(none);
        CHECK_FALSE(parse_memory(none));
    }
}

TEST_CASE("every GPU entry counts, whatever its type and sockets") {
    CHECK(parse_gpus("gpu:a100:4(S:0-1)") == 4);
    CHECK(parse_gpus("gpu:a100:4(S:0,2),gpu:2,nic:1") == 6);
    CHECK(parse_gpus("gpu") == 1);
    CHECK(parse_gpus("gpu:p100") == 1);
    CHECK(parse_gpus("") == 0);
    CHECK(parse_gpus("shard:gpu:4") == 0);
}

TEST_CASE("TRES amounts are found by their whole name") {
    CHECK(parse_tres("cpu=64,mem=256G,gres/gpu=4", "gres/gpu") == "4");
    CHECK(parse_tres("cpu=64,mem=256G", "mem") == "256G");
    CHECK_FALSE(parse_tres("vcpu=64", "cpu"));
    CHECK_FALSE(parse_tres("", "cpu"));
}

TEST_CASE("nodes that are busy, planned or powered down take jobs") {
    for (const auto* state :
         {"IDLE", "MIXED", "ALLOCATED", "MIXED+PLANNED", "IDLE+CLOUD+POWERED_DOWN", "IDLE~",
          "IDLE+CLOUD+POWER", "ALLOCATED+COMPLETING", "IDLE+RESERVED", "IDLE+DYNAMIC_NORM"}) {
        CAPTURE(state);
        CHECK(takes_jobs(state));
    }
}

TEST_CASE("nodes that are down, drained, silent or unheard of do not") {
    for (const auto* state :
         {"DOWN", "DOWN*", "IDLE*", "IDLE+DRAIN", "ALLOCATED+DRAIN", "IDLE+NOT_RESPONDING",
          "MIXED+FAIL", "IDLE+MAINTENANCE", "IDLE$", "UNKNOWN", "FUTURE", "DOWN+INVALID_REG",
          "IDLE+REBOOT_ISSUED", "MIXED@", "", "IDLE+SOMETHING_NEW"}) {
        CAPTURE(state);
        CHECK_FALSE(takes_jobs(state));
    }
}

TEST_CASE("a value runs on until the next field and free text cannot replace a field") {
    const auto records = parse_one_line_records(
        "NodeName=n1 OS=Linux 6.1.0 #1 SMP  State=IDLE ThreadsPerCore=1 Reason=ask a=b State=GONE "
        "[root@2025-01-01T00:00:00]\n\nNo nodes in the system\nNodeName=n2 Gres=(null)\n");
    REQUIRE(records.size() == 2);
    CHECK(field(records[0], "OS") == "Linux 6.1.0 #1 SMP");
    CHECK(field(records[0], "State") == "IDLE");
    CHECK(field(records[0], "Reason") == "ask a=b");
    CHECK(field(records[1], "Gres").empty());
    CHECK(field(records[1], "Nothing").empty());
}

TEST_CASE("the configuration is read past headings and wide keys") {
    const auto config = parse_config(
        "Configuration data as of 2025\nMaxArraySize            = 1001\nTaskPluginParam = (null "
        "type)\n"
        "Slurmctld(primary) at a is UP\nSchedulerParameters = a=1,b=2\n");
    CHECK(field(config, "MaxArraySize") == "1001");
    CHECK(field(config, "TaskPluginParam").empty());
    CHECK(field(config, "SchedulerParameters") == "a=1,b=2");
}

TEST_CASE("columns of another number are not taken for an answer") {
    CHECK(parse_columns("a|b\nwarning: a|b|c\n|\n", {"X", "Y"}).size() == 2);
}

TEST_CASE("launch types are read from the old list and from the new one") {
    const std::vector<std::string> old_types{"none", "pmi2", "pmix", "pmix_v3"};
    CHECK(parse_mpi_list(
              "srun: MPI types are...\nsrun: none\nsrun: pmi2\nsrun: pmix\nsrun: pmix_v3\n") ==
          old_types);
    const std::vector<std::string> new_types{"pmix", "none", "pmix_v4", "pmix_v5"};
    CHECK(parse_mpi_list("MPI plugin types are...\n\tpmix\n\tnone\nspecific pmix plugin versions "
                         "available: pmix_v4,pmix_v5\n") == new_types);
    CHECK(parse_mpi_list("").empty());
}

TEST_CASE("a shape becomes a topology with one NUMA domain a socket") {
    const NodeShape shape{2, 4, 2, 0, kGiB * 64, 0, {}};
    const auto topology = topology_of(shape);
    CHECK(topology.packages == 2);
    CHECK(topology.domains.size() == 2);
    CHECK(topology.domains[1].memory == kGiB * 32);
    CHECK(topology.cores.size() == 8);
    CHECK(hardware_threads(topology) == 16);
    CHECK(threads_per_core(topology) == 2);
    CHECK(topology.cores[4].domain == 1);
    CHECK(topology.cores[4].pus == std::vector<int>{8, 9});
    CHECK(synthetic(shape) == "pack:2 numa:1 core:4 pu:2");
}

TEST_CASE("cores kept for the system are out of the topology") {
    const auto topology = topology_of({2, 48, 1, 3, kGiB, 0, {}});
    CHECK(topology.cores.size() == 93);
    CHECK(cores_of_domain(topology, 0) == 47);
    CHECK(cores_of_domain(topology, 1) == 46);
}

TEST_CASE("a node without figures is one core without memory") {
    const auto node = parse_node(Record{{"NodeName", "x"}, {"State", "IDLE"}});
    CHECK(node.available);
    CHECK(node.shape.memory == Bytes{0});
    CHECK(topology_of(node.shape).cores.size() == 1);
}
