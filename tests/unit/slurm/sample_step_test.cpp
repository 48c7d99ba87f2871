#include "slurm/sample_step.hpp"

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

TEST_CASE("the sample takes one whole node where the job will run") {
    Manifest manifest;
    manifest.limits.account = "physics";
    manifest.limits.qos = "fast";
    manifest.slurm = {
        {"reservation", "course"}, {"mail-user", "me@example.org"}, {"nodelist", "n1"}};
    const auto arguments =
        sample_step_arguments({"amorsize-sample", {121}, false}, manifest, offer(), {"run", "me"});
    CHECK(arguments.front() == "salloc");
    for (const char* wanted : {"--nodes=1", "--exclusive", "--partition=main", "--constraint=big",
                               "--mem=3900M", "--time=00:03:00", "--account=physics", "--qos=fast",
                               "--reservation=course", "--nodelist=n1", "--cpu-bind=none"}) {
        CAPTURE(wanted);
        CHECK(has(arguments, wanted));
    }
    CHECK_FALSE(has(arguments, "--mail-user=me@example.org"));
    CHECK(std::find(arguments.begin(), arguments.end(), "srun") != arguments.end());
    CHECK(arguments.back() == "me");
    manifest.limits.constraint = "small";
    CHECK(has(sample_step_arguments({"s", {60}, false}, manifest, offer(), {"x"}),
              "--constraint=small"));
}

TEST_CASE("inside an allocation the sample is a step of it") {
    const auto arguments = sample_step_arguments({"s", {60}, true}, {}, offer(), {"x"});
    CHECK(arguments.front() == "srun");
    CHECK(has(arguments, "--overlap"));
    CHECK_FALSE(has(arguments, "--partition=main"));
    CHECK_FALSE(has(arguments, "--exclusive"));
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
