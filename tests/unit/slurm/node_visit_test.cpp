#include "slurm/node_visit.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::slurm;

namespace {

bool has(const std::vector<std::string>& arguments, const std::string& wanted) {
    return std::find(arguments.begin(), arguments.end(), wanted) != arguments.end();
}

NodeOffer offer() {
    NodeOffer offer;
    offer.partition = "main";
    offer.constraint = "big";
    offer.memory = kMiB * 3900;
    return offer;
}

}  // namespace

TEST_CASE("a visit takes one whole node where the job will run") {
    Manifest manifest;
    manifest.limits.account = "physics";
    manifest.limits.qos = "fast";
    manifest.slurm = {
        {"reservation", "course"}, {"mail-user", "me@example.org"}, {"nodelist", "n1"}};
    NodeVisit visit{"amorsize-sample", {121}, false, {}, kMiB * 3900, {}};
    visit.steps = {{{"run", "it's me"}, 1, {}, "none", {}, {}}};
    const auto arguments = visit_arguments(visit, manifest, offer());
    CHECK(arguments.front() == "salloc");
    for (const char* wanted : {"--nodes=1", "--exclusive", "--partition=main", "--constraint=big",
                               "--mem=3900M", "--time=00:03:00", "--account=physics", "--qos=fast",
                               "--reservation=course", "--nodelist=n1", "bash"}) {
        CAPTURE(wanted);
        CHECK(has(arguments, wanted));
    }
    CHECK_FALSE(has(arguments, "--mail-user=me@example.org"));
    CHECK(arguments.back() ==
          "srun --nodes=1 --ntasks=1 --ntasks-per-node=1 --overlap --mem=0 --cpu-bind=none "
          "--unbuffered --chdir=/ --mpi=none run 'it'\\''s me'\n");
    manifest.limits.constraint = "small";
    CHECK(has(visit_arguments(visit, manifest, offer()), "--constraint=small"));
    NodeOffer wide = offer();
    wide.nodes_least = 3;
    CHECK(has(visit_arguments(visit, manifest, wide), "--nodes=3"));
}

TEST_CASE("nodes of several kinds are taken by name, with all of their memory") {
    NodeVisit visit{"probe", {60}, false, {"n1", "n3"}, {}, {}};
    visit.steps = {{{"probe"}, 2, {}, "pmix", Seconds{90}, "measuring 2 nodes"},
                   {{"sample"}, 1, "n1", "none", {}, {}}};
    const auto arguments = visit_arguments(visit, {}, offer());
    CHECK(has(arguments, "--nodes=2"));
    CHECK(has(arguments, "--nodelist=n1,n3"));
    CHECK(has(arguments, "--mem=0"));
    CHECK_FALSE(has(arguments, "--constraint=big"));
    const std::string& script = arguments.back();
    CHECK(script.find("'measuring 2 nodes' >&2\ntimeout --kill-after=5 90 srun --nodes=2") != std::string::npos);
    CHECK(script.find("--nodelist=n1 --mpi=none sample\n") != std::string::npos);
}

TEST_CASE("inside an allocation a visit is steps of it") {
    NodeVisit visit{"s", {60}, true, {}, {}, {}};
    visit.steps = {{{"x"}, 1, {}, "none", {}, {}}};
    const auto arguments = visit_arguments(visit, {}, offer());
    CHECK(arguments.front() == "bash");
    CHECK(arguments.back().find("--overlap") != std::string::npos);
    CHECK_FALSE(has(arguments, "--partition=main"));
}

TEST_CASE("a manifest that names nodes leaves no choice") {
    Manifest manifest;
    CHECK_FALSE(names_nodes(manifest));
    manifest.slurm = {{"wckey", "x"}};
    CHECK_FALSE(names_nodes(manifest));
    manifest.slurm = {{"exclude", "n2"}};
    CHECK(names_nodes(manifest));
}

TEST_CASE("variables that would change the step are known") {
    CHECK(is_srun_option_variable("SRUN_CPUS_PER_TASK"));
    CHECK(is_srun_option_variable("SLURM_CPUS_PER_TASK"));
    CHECK(is_srun_option_variable("SLURM_TRES_PER_TASK"));
    CHECK(is_srun_option_variable("SLURM_MEM_PER_CPU"));
    CHECK(is_srun_option_variable("SLURM_CPU_BIND_TYPE"));
    CHECK_FALSE(is_srun_option_variable("SLURM_CONF"));
    CHECK_FALSE(is_srun_option_variable("SLURM_JOB_ID"));
    CHECK_FALSE(is_srun_option_variable("PATH"));
}

TEST_CASE("salloc names the job it waits for") {
    CHECK(allocation_named("salloc: Pending job allocation 14") == "14");
    CHECK(allocation_named("salloc: Granted job allocation 12") == "12");
    CHECK_FALSE(allocation_named("salloc: Relinquishing job allocation 12"));
    CHECK_FALSE(allocation_named("Granted job allocation 12"));
}

TEST_CASE("of a failed step's words the errors are told") {
    CHECK(step_failure("salloc: Granted job allocation 12\n"
                       "slurmstepd-n3: error: execve(): /x/y: No such file or directory\n"
                       "srun: error: n3: task 0: Exited with exit code 2\n"
                       "salloc: Relinquishing job allocation 12\n") ==
          "execve(): /x/y: No such file or directory\nn3: task 0: Exited with exit code 2");
    CHECK(step_failure("\r\033[Kmeasuring\rsrun: error: node down\n") == "node down");
    CHECK(step_failure("error: of the program itself\n").empty());
}
