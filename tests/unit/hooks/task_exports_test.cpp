#include "slurm/hooks/task_exports.hpp"

#include <catch2/catch.hpp>

using namespace amorsize;
using namespace amorsize::hooks;

namespace {

Variables given(const std::map<std::string, std::string>& values) {
    return [values](const std::string& name) {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

/// Two ranks on a node, of 8 CPUs, 4 workers and 4 GiB each; 2 threads a worker.
PlannedJob planned() {
    PlannedJob job;
    job.job.resources.threads = 2;
    job.plan.layout.ranks_per_node = 2;
    job.plan.layout.workers_per_rank = 4;
    job.plan.layout.workers = 8;
    job.plan.request.cpus_per_task = 8;
    job.plan.predicted.memory_per_node = kGiB * 8;
    for (int rank = 0; rank < 2; ++rank) {
        job.plan.ranks.push_back({rank, "a", {}, 4, 10 + rank, 3, 30});
    }
    return job;
}

}  // namespace

TEST_CASE("A task's CPUs and memory are its share of the node's", "[hooks]") {
    CHECK(task_cpus(given({{"SLURM_CPUS_PER_TASK", "4"}}), 8) == 4);
    CHECK(task_cpus(given({{"SLURM_CPUS_PER_TASK", "4"}}), 2) == 2);
    CHECK(task_cpus(given({{"SLURM_CPUS_ON_NODE", "8"}, {"SLURM_GTIDS", "2,3"}}), 8) == 4);
    CHECK(task_cpus(given({{"SLURM_CPUS_ON_NODE", "1"}, {"SLURM_GTIDS", "2,3"}}), 8) == 1);
    CHECK(task_memory(given({})) == std::nullopt);
    CHECK(task_memory(given({{"SLURM_MEM_PER_NODE", "4096"}, {"SLURM_GTIDS", "0,1"}})) == kGiB * 2);
    CHECK(task_memory(given({{"SLURM_MEM_PER_CPU", "512"}, {"SLURM_CPUS_ON_NODE", "4"}})) ==
          kGiB * 2);
    CHECK(task_memory(given({{"SLURM_MEM_PER_NODE", "0"}})) == std::nullopt);
}

TEST_CASE("Without a plan, workers times threads are the CPUs", "[hooks]") {
    const auto plain = task_exports(given({}), {8, kGiB * 2}, std::nullopt);
    CHECK(plain.at("OMP_NUM_THREADS") == "8");
    CHECK(plain.at("AMORSIZE_WORKERS") == "1");
    CHECK(plain.at("AMORSIZE_CPUS") == "8");
    CHECK(plain.at("AMORSIZE_MEMORY_MIB") == "2048");
    CHECK(plain.count("AMORSIZE_CHUNK") == 0);

    const auto two = task_exports(given({{"AMORSIZE_WORKERS", "4"}}), {8, {}}, std::nullopt);
    CHECK(two.at("OMP_NUM_THREADS") == "2");
    CHECK(two.count("AMORSIZE_WORKERS") == 0);
}

TEST_CASE("The user's threads stay if they fit, lists included", "[hooks]") {
    const auto threads = [](const std::string& value, int cpus) {
        const auto all = task_exports(given({{"OMP_NUM_THREADS", value}}), {cpus, {}}, {});
        return std::pair(all.count("OMP_NUM_THREADS") ? all.at("OMP_NUM_THREADS") : "as it was",
                         all.at("AMORSIZE_WORKERS"));
    };
    CHECK(threads("2", 8) == std::pair<std::string, std::string>("as it was", "4"));
    CHECK(threads("2,2", 8) == std::pair<std::string, std::string>("as it was", "2"));
    CHECK(threads("4,4", 8) == std::pair<std::string, std::string>("8", "1"));
    CHECK(threads("16", 8) == std::pair<std::string, std::string>("8", "1"));
    CHECK(threads("2,", 8) == std::pair<std::string, std::string>("8", "1"));
    CHECK(threads("999999999,999999999", 8) == std::pair<std::string, std::string>("8", "1"));
    CHECK(threads("two", 8) == std::pair<std::string, std::string>("8", "1"));
}

TEST_CASE("What a hook set is not taken for the user's", "[hooks]") {
    const auto again = task_exports(
        given({{"OMP_NUM_THREADS", "1"}, {"AMORSIZE_SET", "OMP_NUM_THREADS=1"}}), {4, {}}, {});
    CHECK(again.at("OMP_NUM_THREADS") == "4");
}

TEST_CASE("A plan's workers follow the CPUs and memory granted", "[hooks]") {
    const auto workers = [](int cpus, std::optional<Bytes> memory) {
        return task_exports(given({}), {cpus, memory}, planned()).at("AMORSIZE_WORKERS");
    };
    CHECK(workers(8, {}) == "4");
    CHECK(workers(64, {}) == "4");
    CHECK(workers(4, {}) == "2");
    CHECK(workers(1, {}) == "1");
    CHECK(workers(8, kGiB * 4) == "4");
    CHECK(workers(8, kGiB * 3) == "3");
    CHECK(workers(4, kGiB * 3) == "2");
    CHECK(workers(8, kMiB * 10) == "1");

    const auto second = task_exports(given({{"SLURM_PROCID", "1"}}), {8, {}}, planned());
    CHECK(second.at("OMP_NUM_THREADS") == "2");
    CHECK(second.at("AMORSIZE_RANK") == "1");
    CHECK(second.at("AMORSIZE_CHUNK") == "11");
    CHECK(second.at("AMORSIZE_CHUNKS") == "3");
    CHECK(
        task_exports(given({{"SLURM_PROCID", "7"}}), {8, {}}, planned()).count("AMORSIZE_CHUNK") ==
        0);
}
