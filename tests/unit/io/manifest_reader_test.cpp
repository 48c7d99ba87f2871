#include "advisor/io/manifest_reader.hpp"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
namespace fs = std::filesystem;

namespace {

const std::string kLeast = "amorsize: 1\ncommand: [./work, \"{item}\"]\nitems: {range: [0, 100]}\n";

Manifest parse(const std::string& text) {
    return parse_manifest(text, "job.yaml", "/jobs");
}

std::string faults_of(const std::string& text) {
    try {
        parse(text);
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

std::string fault_of_reading(const fs::path& path) {
    try {
        read_manifest(path.string());
        return "";
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
}

}  // namespace

TEST_CASE("the least manifest gets the documented defaults") {
    const Manifest job = parse(kLeast);
    CHECK(job.name == "job");
    CHECK(job.directory == "/jobs");
    CHECK(job.kind == JobKind::tasks);
    CHECK(job.mode == Mode::exec);
    CHECK_FALSE(job.command.shell);
    CHECK(job.command.argv == std::vector<std::string>{"./work", "{item}"});
    CHECK(std::get<ItemRange>(job.items).end == 100);
    CHECK(job.resources.threads == 1);
    CHECK_FALSE(job.resources.memory);
    CHECK(job.sample.size == 5);
    CHECK(job.sample.budget == Seconds{60});
    CHECK(job.goal == Goal::time);
    CHECK(job.risk == Fraction{0.05});
    CHECK(job.headroom == Fraction{0.2});
    CHECK(job.launcher == Launcher::srun);
    CHECK(job.retry.attempts == 1);
}

TEST_CASE("every key of a manifest reaches its field") {
    const Manifest job = parse(R"yaml(amorsize: 1
name: sweep
mode: batch
command: [./work, "{items}"]
items: {file: list.txt}
resources: {threads: 2, memory: 1.5GiB, gpus: 1}
sample: {size: 7, choose: random, budget: 90s, timeout: 5s, reuse: true}
profile: {seconds: 0.4, cv: 0.3, peak_memory: 500MiB, cpu_share: 0.9}
limits: {nodes: 4, time: 1-12:00:00, partition: main, account: x, qos: y, constraint: z}
goal: turnaround
risk: 0.01
headroom: 0
launcher: mpirun
retry: {attempts: 3, backoff: 10s}
environment: {A: 1, B: yes, C: ""}
prelude: [module load gcc]
slurm: {mail-user: me@example.org, requeue: true, hold: }
)yaml");
    CHECK(job.name == "sweep");
    CHECK(job.mode == Mode::batch);
    CHECK(std::get<ItemFile>(job.items).path == "list.txt");
    CHECK(job.resources.threads == 2);
    CHECK(job.resources.memory == Bytes{3 * kGiB.value / 2});
    CHECK(job.resources.gpus == 1);
    CHECK(job.sample.size == 7);
    CHECK(job.sample.choose == SampleChoice::random);
    CHECK(job.sample.budget == Seconds{90});
    CHECK(job.sample.timeout == Seconds{5});
    CHECK(job.sample.reuse);
    CHECK(job.profile.seconds == Seconds{0.4});
    CHECK(job.profile.cv == 0.3);
    CHECK(job.profile.peak_memory == Bytes{500 * kMiB.value});
    CHECK(job.profile.cpu_share == Fraction{0.9});
    CHECK(job.limits.nodes == 4);
    CHECK(job.limits.time == Seconds{129600});
    CHECK(job.limits.partition == "main");
    CHECK(job.limits.account == "x");
    CHECK(job.limits.qos == "y");
    CHECK(job.limits.constraint == "z");
    CHECK(job.goal == Goal::turnaround);
    CHECK(job.risk == Fraction{0.01});
    CHECK(job.headroom == Fraction{0});
    CHECK(job.launcher == Launcher::mpirun);
    CHECK(job.retry.attempts == 3);
    CHECK(job.retry.backoff == Seconds{10});
    CHECK(job.environment ==
          std::map<std::string, std::string>{{"A", "1"}, {"B", "yes"}, {"C", ""}});
    CHECK(job.prelude == std::vector<std::string>{"module load gcc"});
    CHECK(job.slurm == std::map<std::string, std::string>{
                           {"mail-user", "me@example.org"}, {"requeue", ""}, {"hold", ""}});
}

TEST_CASE("a text command goes through bash, a list never sees a shell") {
    const Manifest job =
        parse("amorsize: 1\ncommand: gzip -c {item} > x\nitems: {range: [0, 1]}\n");
    CHECK(job.command.shell);
    CHECK(job.command.argv == std::vector<std::string>{"gzip -c {item} > x"});
}

TEST_CASE("an MPI program needs no items") {
    const Manifest job = parse("amorsize: 1\nkind: mpi\ncommand: [./solver]\n");
    CHECK(job.mode == Mode::program);
    CHECK(std::get<ItemCount>(job.items).count == 1);
}

TEST_CASE("faults are reported once each, in the order of the file") {
    const std::string faults = faults_of(kLeast + "risk: 2\ngoal: fast\nlimits: {nodes: 0}\n");
    CHECK(faults.find("job.yaml:4:7: error: risk") < faults.find("job.yaml:5:7: error: goal"));
    CHECK(faults.find("job.yaml:5:7: error: goal") <
          faults.find("job.yaml:6:17: error: limits.nodes"));
    CHECK(faults.find("error: limits.nodes") != std::string::npos);
}

TEST_CASE("thousands of faults are cut to the first fifty and counted") {
    std::string text = kLeast;
    for (int i = 0; i < 5000; ++i) text += "nonsense" + std::to_string(i) + ": 1\n";
    const std::string faults = faults_of(text);
    CHECK(faults.find("and 4950 more faults in job.yaml") != std::string::npos);
    CHECK(faults.size() < 50'000);
}

TEST_CASE("hostile YAML is refused in bounded time and space") {
    const std::string many(std::size_t{1} << 20, '[');
    CHECK(faults_of("x: " + many).find("nested more than 32 deep") != std::string::npos);
    CHECK(faults_of("x: " + std::string(std::size_t{1} << 20, '{')).size() < 2000);
    std::string list = "x: [";
    for (int i = 0; i < 500'000; ++i) list += "a,";
    CHECK(faults_of(list + "a]").find("more than 200000 values") != std::string::npos);
    CHECK(faults_of(std::string((std::size_t{4} << 20) + 1, '#')).find("larger than 4 MiB") !=
          std::string::npos);
    const std::string text =
        "a: &t " + std::string(1'000'000, 'x') + "\nb: [*t, *t, *t, *t, *t, *t]\n";
    CHECK(faults_of(text).find("aliases multiply") != std::string::npos);
}

TEST_CASE("what is no manifest file is named as what it is") {
    const fs::path folder = fs::temp_directory_path() / "amorsize-manifest-reader-test";
    fs::remove_all(folder);
    fs::create_directory(folder);
    CHECK(fault_of_reading(folder / "none.yaml").find("No such file") != std::string::npos);
    CHECK(fault_of_reading(folder).find("it is a directory") != std::string::npos);
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK(fault_of_reading(folder / "pipe").find("it is a pipe") != std::string::npos);
    CHECK(fault_of_reading("/dev/zero").find("it is a device") != std::string::npos);
    std::ofstream(folder / "big.yaml") << std::string((std::size_t{4} << 20) + 1, '#');
    CHECK(fault_of_reading(folder / "big.yaml").find("larger than 4 MiB") != std::string::npos);
    fs::remove_all(folder);
}

TEST_CASE("a manifest read from a file knows its folder and its name") {
    const fs::path folder = fs::temp_directory_path() / "amorsize-manifest-reader-test";
    fs::remove_all(folder);
    fs::create_directory(folder);
    std::ofstream(folder / "my-sweep.yaml") << kLeast;
    std::ofstream(folder / "my sweep.yaml") << kLeast;
    const Manifest job = read_manifest((folder / "." / "my-sweep.yaml").string());
    CHECK(job.name == "my-sweep");
    CHECK(job.directory == folder.string());
    CHECK(fault_of_reading(folder / "my sweep.yaml").find("add name: my-job") != std::string::npos);
    fs::remove_all(folder);
}
