#include "mpi/probe/surroundings.hpp"

#include <map>

#include "advisor/core/error.hpp"
#include "mpi/probe/spool.hpp"
#include "mpi/probe/without_mpi.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/probe/made_nodes.hpp"

using namespace amorsize;
using namespace amorsize::probe;

namespace {

measure::EnvironmentLookup in(const std::map<std::string, std::string>& variables) {
    return [variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
}

CommandResult answered(std::string out) {
    CommandResult result;
    result.out = std::move(out);
    return result;
}

CommandResult srun(const std::vector<std::string>& argv, Seconds) {
    return answered(argv.at(1) == "--version"
                        ? "slurm 22.05.8\n"
                        : "MPI plugin types are...\n\tnone\n\tpmix\nspecific pmix plugin "
                          "versions available: pmix_v4\n");
}

}  // namespace

TEST_CASE("MPI libraries say what they are in their own ways") {
    const auto name_and_version = [](const char* text) {
        const MpiFacts facts = mpi_facts(text);
        return facts.name + "|" + facts.version;
    };
    CHECK(name_and_version("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4") ==
          "Open MPI|4.1.4");
    CHECK(name_and_version("MPICH Version:      4.0.2\nMPICH Release date: x") == "MPICH|4.0.2");
    CHECK(name_and_version("Intel(R) MPI Library 2021.9 for Linux* OS\n") == "Intel(R) MPI|2021.9");
    CHECK(name_and_version("") == "MPI|");
}

TEST_CASE("lists of MPI types of old and new versions of srun") {
    const std::vector<std::string> both = {"none", "pmix"};
    CHECK(srun_types("srun: MPI types are...\nsrun: none\nsrun: pmix\n") == both);
    CHECK(srun_types("MPI plugin types are...\n\tnone\n\tpmix\nspecific pmix plugin versions "
                     "available: pmix_v4\n") == both);
    CHECK(srun_types("").empty());
}

TEST_CASE("Slurm is asked in a job, not outside of one") {
    const ProbeReport inside = report_of_surroundings(in({{"SLURM_JOB_ID", "1"},
                                                          {"SLURM_JOB_PARTITION", "short"},
                                                          {"SLURM_CLUSTER_NAME", "mini"}}),
                                                      srun, "Open MPI v4.1.4", Whose::this_job);
    CHECK(inside.cluster == "mini");
    CHECK(inside.partition == "short");
    CHECK(inside.slurm_version == "22.05.8");
    CHECK(inside.mpi->srun_types == std::vector<std::string>{"none", "pmix"});
    const ProbeReport outside = report_of_surroundings(in({}), srun, "", Whose::this_job);
    CHECK(outside.partition == "local");
    CHECK_FALSE(outside.slurm_version);
    CHECK_FALSE(outside.mpi);
    CHECK(report_of_surroundings(in({}), srun, "", Whose::another_job).slurm_version == "22.05.8");
}

TEST_CASE("a rank knows its place from its launcher") {
    const LaunchedRank of_srun = launched_rank(in({{"SLURM_PROCID", "0"},
                                                   {"SLURM_LOCALID", "0"},
                                                   {"SLURM_JOB_ID", "7"},
                                                   {"SLURM_STEP_ID", "3"},
                                                   {"SLURM_STEP_NODELIST", "n[1-4]"}}));
    CHECK(of_srun.root);
    CHECK(of_srun.first_on_node);
    CHECK(of_srun.by_srun);
    CHECK(of_srun.nodes.size() == 4);
    CHECK(of_srun.launch == "7.3");
    // mpirun's daemons are tasks of a Slurm step themselves.
    const LaunchedRank of_mpirun = launched_rank(in({{"OMPI_COMM_WORLD_RANK", "5"},
                                                     {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                                     {"OMPI_COMM_WORLD_SIZE", "6"},
                                                     {"PMIX_NAMESPACE", "4711"},
                                                     {"SLURM_PROCID", "0"},
                                                     {"SLURM_JOB_ID", "7"},
                                                     {"SLURM_LOCALID", "0"},
                                                     {"SLURM_STEP_ID", "3"}}));
    CHECK(of_mpirun.number == 5);
    CHECK(of_mpirun.launch == "4711");
    CHECK_FALSE(of_mpirun.root);
    CHECK_FALSE(of_mpirun.first_on_node);
    CHECK(of_mpirun.by_mpirun);
    CHECK_FALSE(of_mpirun.by_srun);
}

TEST_CASE("a spool gives back what nodes put there, and says what it cannot read") {
    const TemporaryFolder folder;
    const Spool spool(folder.file("spool"));
    CHECK_THROWS_AS(collect(spool), Error);
    spool.clear();
    CHECK(collect(spool).survey == NodeSurvey{});
    spool.expect(*HostList::parse("n[1-3]"));
    spool.put("n1", survey_of(made_nodes::node("n1")));
    spool.put("n2", survey_of(made_nodes::node("n2")));
    spool.put("n2", survey_of(made_nodes::node("n2")));
    spool.put("a/../b", survey_of(made_nodes::node("a/../b")));
    const Collected collected = collect(spool);
    CHECK(hosts_of(collected.survey).text() == "a/../b,n[1-2]");
    CHECK(collected.expected.without(hosts_of(collected.survey)).text() == "n3");
    CHECK(collected.refused.empty());
    CHECK(hosts_of(collect(spool, *HostList::parse("n1,n3")).survey).text() == "a/../b,n2");
    CHECK(spool.find("n1") == survey_of(made_nodes::node("n1")));
    CHECK_FALSE(spool.find("n3"));

    std::FILE* torn = std::fopen(folder.file("spool/n3.survey").c_str(), "w");
    std::fputs("{\"survey\":1,", torn);
    std::fclose(torn);
    REQUIRE(collect(spool).refused.size() == 1);
    CHECK(collect(spool).refused[0].find("n3.survey is no node report") != std::string::npos);
    spool.clear();
    CHECK(collect(spool).survey == NodeSurvey{});
    spool.remove();
    CHECK_FALSE(std::filesystem::exists(spool.folder()));
}

namespace {

ProbeOptions quick_probe(const std::string& spool) {
    ProbeOptions options;
    options.quick = true;
    options.spool = spool;
    options.timeout = {0.5};
    return options;
}

LaunchedRank rank_of_srun(int number, bool first_on_node) {
    LaunchedRank rank;
    rank.number = number;
    rank.root = number == 0;
    rank.first_on_node = first_on_node;
    rank.by_srun = true;
    rank.nodes.add("nowhere");
    rank.launch = "7.3";
    return rank;
}

LaunchedRank rank_of_mpirun(int number) {
    LaunchedRank rank = rank_of_srun(number, number == 0);
    rank.by_srun = false;
    rank.by_mpirun = true;
    rank.nodes = {};
    return rank;
}

std::vector<std::string> troubles_of(const NodeSurvey& survey) {
    std::vector<std::string> texts;
    for (const auto& [text, nodes] : survey.troubles.counts()) texts.push_back(text);
    return texts;
}

}  // namespace

TEST_CASE("without MPI and without a spool there is nothing to be had") {
    const ProbeOptions options = quick_probe("");
    CHECK_THROWS_AS(probe_without_mpi(options, in({}), rank_of_srun(0, true), ""), Error);
    CHECK_FALSE(probe_without_mpi(options, in({}), rank_of_srun(1, true), ""));
}

TEST_CASE("without MPI the first rank on a node reports by a file, and rank 0 waits for all") {
    const TemporaryFolder folder;
    const ProbeOptions options = quick_probe(folder.file("spool"));
    const Spool spool = spool_without_mpi(options, rank_of_srun(0, true));
    CHECK_FALSE(probe_without_mpi(options, in({}), rank_of_srun(2, false), ""));
    CHECK_FALSE(spool.present());
    CHECK_FALSE(probe_without_mpi(options, in({}), rank_of_srun(1, true), ""));
    CHECK(spool.present());
    const auto collected = probe_without_mpi(options, in({}), rank_of_srun(0, true), "");
    REQUIRE(collected);
    CHECK(node_count(collected->survey) == 1);
    CHECK(collected->expected.without(hosts_of(collected->survey)).text() == "nowhere");
    CHECK(troubles_of(collected->survey).empty());
}

TEST_CASE("where nobody names the nodes, every rank gives word") {
    const TemporaryFolder folder;
    const ProbeOptions options = quick_probe(folder.file("spool"));
    const auto three = in({{"OMPI_COMM_WORLD_SIZE", "3"}});
    CHECK_FALSE(probe_without_mpi(options, three, rank_of_mpirun(2), "rank 2 crashed"));
    const auto collected = probe_without_mpi(options, three, rank_of_mpirun(0), "");
    REQUIRE(collected);
    CHECK(node_count(collected->survey) == 1);
    CHECK(troubles_of(collected->survey) ==
          std::vector<std::string>{"no word from rank 1", "rank 2 crashed"});
}

TEST_CASE("for a rank that is lost its node is measured, once, while the probe goes on") {
    const TemporaryFolder folder;
    const ProbeOptions options = quick_probe(folder.file("spool"));
    const Spool spool(options.spool);
    const LaunchedRank rank = rank_of_srun(1, true);
    report_for_lost_rank(options, in({}), rank, "rank 1 crashed");
    CHECK_FALSE(spool.present());
    spool.clear();
    report_for_lost_rank(options, in({}), rank_of_srun(2, false), "rank 2 crashed");
    CHECK(collect(spool).survey == NodeSurvey{});
    report_for_lost_rank(options, in({}), rank, "rank 1 crashed");
    CHECK(node_count(collect(spool).survey) == 1);
    CHECK(troubles_of(collect(spool).survey) == std::vector<std::string>{"rank 1 crashed"});

    const std::string host = hosts_of(collect(spool).survey).text();
    spool.put(host, survey_of(made_nodes::node(host)));
    report_for_lost_rank(options, in({}), rank, "rank 1 crashed");
    NodeSurvey left = survey_of(made_nodes::node(host));
    left.troubles.add("rank 1 crashed");
    CHECK(collect(spool).survey == left);
}
