// The readers on the cluster itself: what they say must be what config.sh configured.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "advisor/core/error.hpp"
#include "advisor/measure/run_command.hpp"
#include "slurm/cluster_facts.hpp"
#include "slurm/submit.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

const Partition& partition(const Cluster& cluster, const std::string& name) {
    const auto found = std::find_if(cluster.partitions.begin(), cluster.partitions.end(),
                                    [&](const auto& p) { return p.name == name; });
    REQUIRE(found != cluster.partitions.end());
    return *found;
}

}  // namespace

TEST_CASE("the cluster's facts are its configuration") {
    const auto facts = slurm::read_cluster_facts(measure::run_command);
    CHECK(facts.cluster.name == "mini");
    CHECK(facts.nodes_unavailable == 0);
    CHECK(facts.cluster.classes.size() == 20);
    CHECK(partition(facts.cluster, "main").nodes.size() == 2);
    CHECK(partition(facts.cluster, "short").max_nodes == 2);
    CHECK(*partition(facts.cluster, "short").max_memory_per_node == kMiB * 1500);
    CHECK_FALSE(partition(facts.cluster, "short").min_nodes);
    CHECK(partition(facts.cluster, "wide").min_nodes == 3);
    CHECK(partition(facts.cluster, "whole").whole_nodes);
    CHECK(facts.cluster.classes[0].memory == kMiB * 3900);
    CHECK(facts.cluster.classes[1].topology.cores.size() == 1);
    const auto& types = facts.cluster.mpi->srun_types;
    CHECK(std::find(types.begin(), types.end(), "pmix") != types.end());
    CHECK(std::any_of(facts.accounts.begin(), facts.accounts.end(),
                      [](const auto& limits) { return limits.account == "physics"; }));
    CHECK(std::any_of(facts.qos.begin(), facts.qos.end(), [](const auto& limits) {
        return limits.name == "pairs" && limits.least_nodes == 2;
    }));
}

TEST_CASE("a script is judged, submitted and refused by the cluster") {
    const std::string folder = std::getenv("AMORSIZE_TEST_WORK");
    const auto script = folder + "/job.sh";
    std::ofstream(script) << "#!/bin/bash\n#SBATCH --nodes=2 --output=/dev/null\ntrue\n";
    const auto judgement = slurm::test_only(measure::run_command, script);
    CHECK(judgement.accepted);
    CHECK(judgement.start.size() == 19);
    CHECK(slurm::submit(measure::run_command, script) > 0);

    const auto refused = folder + "/refused.sh";
    std::ofstream(refused) << "#!/bin/bash\n#SBATCH --nodes=3 --partition=short\ntrue\n";
    CHECK_FALSE(slurm::test_only(measure::run_command, refused).accepted);
    CHECK_THROWS_AS(slurm::submit(measure::run_command, refused), Error);
}
