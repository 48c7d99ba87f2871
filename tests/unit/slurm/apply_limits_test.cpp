#include "slurm/apply_limits.hpp"

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

namespace {

/// One partition that takes 2 to 64 nodes for a day at most.
ClusterFacts facts_with(std::vector<QosLimits> qos, const std::string& of_partition = "") {
    ClusterFacts facts;
    Partition partition;
    partition.name = "main";
    partition.min_nodes = 2;
    partition.max_nodes = 64;
    partition.max_time = Seconds{86400};
    facts.cluster.partitions = {partition};
    facts.partitions.resize(1);
    facts.partitions[0].qos = of_partition;
    facts.qos = std::move(qos);
    return facts;
}

QosLimits qos(const std::string& name, std::optional<int> nodes) {
    QosLimits made;
    made.name = name;
    made.per_job.nodes = nodes;
    return made;
}

Partition limited(const ClusterFacts& facts, const std::string& job_qos) {
    Limits limits;
    limits.qos = job_qos;
    return within_limits(facts, limits).partitions.front();
}

}  // namespace

TEST_CASE("a quality of service narrows what the partition gives, and is named for it") {
    QosLimits wide = qos("wide", 8);
    wide.per_job.wall = Seconds{3600};
    wide.least_nodes = 4;
    const Partition partition = limited(facts_with({wide}), "wide");
    CHECK(partition.max_nodes == 8);
    CHECK(partition.node_limit_source == "QoS wide");
    CHECK(partition.min_nodes == 4);
    CHECK(partition.node_minimum_source == "QoS wide");
    CHECK(partition.max_time == Seconds{3600});
    CHECK(partition.time_limit_source == "QoS wide");
}

TEST_CASE("what the partition asks more strictly stays the partition's") {
    QosLimits loose = qos("loose", 100);
    loose.least_nodes = 1;
    const Partition partition = limited(facts_with({loose}), "loose");
    CHECK(partition.max_nodes == 64);
    CHECK(partition.node_limit_source.empty());
    CHECK(partition.min_nodes == 2);
    CHECK(partition.node_minimum_source.empty());
}

TEST_CASE("a partition's quality of service goes before the job's, unless that says otherwise") {
    const QosLimits of_partition = qos("pool", 16);
    QosLimits of_job = qos("small", 4);
    CHECK(limited(facts_with({of_partition, of_job}, "pool"), "small").max_nodes == 16);
    of_job.goes_before_partition = true;
    CHECK(limited(facts_with({of_partition, of_job}, "pool"), "small").max_nodes == 4);
    of_job.per_job.nodes = {};
    CHECK(limited(facts_with({of_partition, of_job}, "pool"), "small").max_nodes == 16);
}

TEST_CASE("the least request of either quality of service holds") {
    QosLimits of_partition = qos("pool", {});
    QosLimits of_job = qos("small", {});
    of_partition.least_nodes = 3;
    of_job.least_nodes = 5;
    const Partition both = limited(facts_with({of_partition, of_job}, "pool"), "small");
    CHECK(both.min_nodes == 5);
    CHECK(both.node_minimum_source == "QoS small");
    CHECK(limited(facts_with({of_partition}, "pool"), "normal").min_nodes == 3);
}

TEST_CASE("a partition that is not up is refused by name, and not replaced by another") {
    ClusterFacts facts = facts_with({});
    facts.closed = {{"old", false, "DOWN"}, {"usual", true, "DRAIN"}};
    const auto fault = [&](const std::optional<std::string>& asked) {
        try {
            require_open_partition(facts, asked);
        } catch (const Error& error) {
            CHECK(error.code == ExitCode::environment);
            return error.what() + std::string("; ") + error.hint;
        }
        return std::string("open");
    };
    CHECK(fault("main") == "open");
    CHECK(fault("old") ==
          "limits.partition: old is DOWN: it takes no jobs now; choose one that is up with "
          "--partition (main), or wait");
    CHECK(fault({}).starts_with("the default partition usual is DRAIN: it takes no jobs now"));
    facts.cluster.partitions.clear();
    CHECK(fault("old").find("no partition of the cluster is up") != std::string::npos);
}
