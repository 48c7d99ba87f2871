#include "slurm/launch_arguments.hpp"

#include <algorithm>

#include "slurm/cluster_facts.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"
#include "tests/unit/slurm/replay.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

namespace {

using Words = std::vector<std::string>;

bool has(const Words& arguments, const std::string& wanted) {
    return std::find(arguments.begin(), arguments.end(), wanted) != arguments.end();
}

/// Two nodes, a rank of four CPUs on each of two domains.
Plan two_ranks_a_node() {
    Plan plan;
    plan.layout.nodes = 2;
    plan.layout.ranks_per_node = 2;
    plan.request.nodes = 2;
    plan.request.ntasks = 4;
    plan.request.ntasks_per_node = 2;
    plan.request.cpus_per_task = 4;
    for (int rank = 0; rank < 4; ++rank) plan.ranks.push_back({rank, "a", {rank % 2}, 4, 1, 1, 1});
    return plan;
}

/// How the ranks are mapped on nodes of this shape.
std::string mapping(const synthetic::Shape& shape, bool memory_only,
                    const std::string& version = {}) {
    Cluster cluster = synthetic::cluster(synthetic::node_class("a", shape, kGiB * 64), 2);
    if (memory_only) cluster.classes.front().topology.memory_only.push_back({9, kGiB});
    if (!version.empty()) cluster.mpi = MpiFacts{"Open MPI", version, {}};
    const Words arguments = mpirun_arguments(two_ranks_a_node(), cluster, {"x"});
    return *(std::find(arguments.begin(), arguments.end(), "--map-by") + 1);
}

}  // namespace

TEST_CASE("every release is told the CPUs of a task, and PMIx where it has it") {
    for (const char* version :
         {"20.11", "21.08", "22.05", "23.02", "23.11", "24.05", "25.05", "25.11"}) {
        CAPTURE(version);
        const Cluster cluster = read_cluster_facts(replay(version)).cluster;
        const Words arguments = srun_arguments(two_ranks_a_node(), cluster, {"x"});
        CHECK(has(arguments, "--cpus-per-task=4"));
        CHECK(has(arguments, "--ntasks-per-node=2"));
        CHECK(has(arguments, "--mpi=pmix"));
        CHECK(arguments.back() == "x");
    }
}

TEST_CASE("a type of launch that the cluster does not list is not asked for") {
    Cluster cluster = synthetic::cluster(synthetic::node_class("a", {}, kGiB), 1);
    CHECK_FALSE(has(srun_arguments(two_ranks_a_node(), cluster, {"x"}), "--mpi=pmix"));
    cluster.mpi = MpiFacts{{}, {}, {"none", "pmi2"}};
    CHECK_FALSE(has(srun_arguments(two_ranks_a_node(), cluster, {"x"}), "--mpi=pmix"));
}

TEST_CASE("binding is asked for in one way only") {
    Plan plan = two_ranks_a_node();
    const Cluster cluster = synthetic::cluster(synthetic::node_class("a", {}, kGiB), 1);
    CHECK(has(srun_arguments(plan, cluster, {"x"}), "--cpu-bind=cores"));
    plan.request.threads_per_core = 1;
    const Words arguments = srun_arguments(plan, cluster, {"x"});
    CHECK(has(arguments, "--threads-per-core=1"));
    CHECK_FALSE(has(arguments, "--cpu-bind=cores"));
}

TEST_CASE("of nodes that only Slurm told of nothing below the node is named to mpirun") {
    Cluster cluster = synthetic::cluster(synthetic::node_class("a", {2, 1, 4, 1}, kGiB * 64), 2);
    CHECK(has(mpirun_arguments(two_ranks_a_node(), cluster, {"x"}), "ppr:1:socket:PE=4"));
    cluster.classes.front().domains_assumed = true;
    CHECK(has(mpirun_arguments(two_ranks_a_node(), cluster, {"x"}), "ppr:2:node:PE=4"));
    CHECK(read_cluster_facts(replay("22.05")).cluster.classes.front().domains_assumed);
}

TEST_CASE("mpirun's ranks follow domains in words that mean them") {
    CHECK(mapping({2, 1, 4, 1}, false) == "ppr:1:socket:PE=4");
    CHECK(mapping({2, 1, 4, 1}, true) == "ppr:1:socket:PE=4");
    CHECK(mapping({2, 1, 4, 1}, false, "4.1.4") == "ppr:1:socket:PE=4");
    CHECK(mapping({2, 1, 4, 1}, false, "5.0.3") == "ppr:1:package:PE=4");
    CHECK(mapping({1, 2, 4, 1}, false) == "ppr:1:numa:PE=4");
    CHECK(mapping({1, 2, 4, 1}, true) == "ppr:2:node:PE=4");
}
