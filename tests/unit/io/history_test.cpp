#include "advisor/io/history.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "advisor/core/error.hpp"
#include "advisor/io/content_hash.hpp"
#include "advisor/io/history_place.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
namespace fs = std::filesystem;

namespace {

/// A folder of the test's own, gone with it.
struct Folder {
    fs::path path =
        fs::temp_directory_path() / ("amorsize-history-test-" + std::to_string(::getpid()));
    Folder() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    std::string file(const char* name) const { return (path / name).string(); }
};

FinishedRun run_of(const std::string& command, std::int64_t peak) {
    FinishedRun run;
    run.instance.job = {command, "00ff", "--seed #", "main/a"};
    run.finished_at = 1700000000;
    run.seconds = {2.5};
    run.peak = Bytes{peak};
    return run;
}

std::string write(const Folder& folder, const std::string& text) {
    std::ofstream(folder.file("h")) << text;
    return folder.file("h");
}

}  // namespace

TEST_CASE("a run is found again by its job's identity") {
    const Folder folder;
    History history(folder.file("deep/er/h"));
    history.record({run_of("./a", 1), run_of("./b", 2), run_of("./a", 3)});
    const auto found = history.find("./a", "main/a");
    REQUIRE(found.size() == 2);
    CHECK(found[0].peak == Bytes{1});
    CHECK(found[1].peak == Bytes{3});
    CHECK(found[0].instance.job == run_of("./a", 1).instance.job);
    CHECK(found[0].seconds == Seconds{2.5});
    CHECK_FALSE(found[0].instance.input);
    CHECK(history.find("./a", "main/b").empty());
    CHECK(history.find("./a", "main/a", 1).front().peak == Bytes{3});
}

TEST_CASE("all of a run comes back") {
    const Folder folder;
    FinishedRun run = run_of("./a", 7);
    run.instance.input = Bytes{1000};
    run.planned = {Bytes{500}, 1.25, {{4, 3.5}}};
    run.outcome = RunOutcome::out_of_memory;
    run.items = 40;
    run.time_limit = Seconds{60};
    run.predicted = Seconds{2};
    Sample sample;
    sample.seconds = {0.5};
    sample.user = Seconds{0.25};
    run.samples = {sample, sample};
    History history(folder.file("h"));
    history.record(run);
    const FinishedRun back = history.all().front();
    CHECK(back.instance.input == Bytes{1000});
    CHECK(back.planned.memory == Bytes{500});
    CHECK(back.planned.slowdown == 1.25);
    CHECK(back.planned.co_runs == run.planned.co_runs);
    CHECK(back.outcome == RunOutcome::out_of_memory);
    CHECK(back.items == 40);
    CHECK(back.time_limit == Seconds{60});
    CHECK(back.predicted == Seconds{2});
    REQUIRE(back.samples.size() == 2);
    CHECK(back.samples[1].seconds == Seconds{0.5});
    CHECK(back.samples[1].user == Seconds{0.25});
    CHECK_FALSE(back.samples[1].peak_rss);
}

TEST_CASE("a history is its owner's alone, survives closing and can be cleared") {
    const Folder folder;
    { History(folder.file("h")).record(run_of("./a", 1)); }
    History history(folder.file("h"));
    CHECK(history.all().size() == 1);
    CHECK((fs::status(folder.file("h")).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(history.clear() == 1);
    CHECK(history.all().empty());
}

TEST_CASE("many writers at once lose nothing") {
    const Folder folder;
    constexpr int kWriters = 6;
    constexpr int kRuns = 15;
    for (int writer = 0; writer < kWriters; ++writer) {
        if (::fork() != 0) continue;
        int kept = 0;
        try {
            History history(folder.file("h"));
            for (; kept < kRuns; ++kept) history.record(run_of("./a", kept));
        } catch (
            const Error&) {  // on a slow disk one may wait too long for the others, and is told
        }
        ::_exit(kept);
    }
    int kept = 0;
    for (int writer = 0; writer < kWriters; ++writer) {
        int status = 0;
        ::wait(&status);
        REQUIRE(WIFEXITED(status));
        kept += WEXITSTATUS(status);
    }
    CHECK(kept >= kRuns);
    CHECK(History(folder.file("h")).all().size() == static_cast<std::size_t>(kept));
}

TEST_CASE("a run that begins is known of until it ends") {
    const Folder folder;
    History history(folder.file("h"));
    const BegunRun one = history.begin("7", run_of("./a", 1));
    const BegunRun other = history.begin("8", run_of("./a", 2));
    CHECK(history.all().empty());
    CHECK(history.find("./a", "main/a").empty());
    REQUIRE(history.begun("./a", "main/a").size() == 2);
    CHECK(history.begun("./a", "main/a")[1].slurm_job == "8");
    CHECK(history.begun("./b", "main/a").empty());
    history.end(one, run_of("./a", 3));
    history.end(other, std::nullopt);
    CHECK(history.count_begun() == 0);
    REQUIRE(history.all().size() == 1);
    CHECK(history.all().front().peak == Bytes{3});
}

TEST_CASE("a run that ends after the history was cleared takes nobody's place") {
    const Folder folder;
    History history(folder.file("h"));
    const BegunRun begun = history.begin("7", run_of("./a", 1));
    history.clear();
    history.begin("8", run_of("./a", 2));
    history.end(begun, run_of("./a", 3));
    CHECK(history.count_begun() == 1);
    CHECK(history.all().size() == 1);
}

TEST_CASE("an array's elements, from many writers at once, are one run") {
    const Folder folder;
    constexpr int kElements = 8;
    FinishedRun element = run_of("./a", 1);
    element.items = 5;
    element.array = "77";
    History(folder.file("h")).record(run_of("./a", 9));
    for (int i = 0; i < kElements; ++i) {
        if (::fork() != 0) continue;
        int status = 0;
        try {
            element.peak = Bytes{100 + i};
            History(folder.file("h")).record(element);
        } catch (const Error&) {
            status = 1;
        }
        ::_exit(status);
    }
    for (int i = 0; i < kElements; ++i) {
        int status = 0;
        ::wait(&status);
        CHECK(status == 0);
    }
    const auto runs = History(folder.file("h")).all();
    REQUIRE(runs.size() == 2);
    CHECK(runs[1].items == std::int64_t{5} * kElements);
    CHECK(runs[1].peak == Bytes{100 + kElements - 1});
}

TEST_CASE("a history of the schema before is taken over") {
    const Folder folder;
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.file("h").c_str(), &database) == SQLITE_OK);
    REQUIRE(sqlite3_exec(
                database,
                "CREATE TABLE runs (command TEXT, binary TEXT, arguments TEXT, partition_class "
                "TEXT, input_bytes INTEGER, planned_bytes INTEGER, slowdown REAL, co_runs TEXT, "
                "finished_at INTEGER, outcome TEXT, seconds REAL, items INTEGER, peak_bytes "
                "INTEGER, time_limit_seconds REAL, predicted_seconds REAL, samples TEXT);"
                "INSERT INTO runs (command, partition_class, peak_bytes) VALUES ('./a', 'main/a', "
                "5); PRAGMA user_version = 2; PRAGMA application_id = 0x616d6f72",
                nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    History history(folder.file("h"));
    history.record(run_of("./a", 6));
    REQUIRE(history.find("./a", "main/a").size() == 2);
    CHECK(history.find("./a", "main/a").front().peak == Bytes{5});
    CHECK(History(folder.file("h")).all().size() == 2);
}

TEST_CASE("files that are not ours are errors and left alone") {
    const Folder folder;
    const std::string junk = std::string(4000, 'x') + "not a database";
    CHECK_THROWS_AS(History(write(folder, junk)), Error);
    CHECK(fs::file_size(folder.file("h")) == junk.size());
    CHECK_THROWS_AS(History(folder.path.string()), Error);
    CHECK_THROWS_AS(History("/proc/nowhere/h"), Error);
}

TEST_CASE("neither a device nor a pipe becomes a history") {
    const Folder folder;
    ::mkfifo(folder.file("pipe").c_str(), 0600);
    CHECK_THROWS_AS(History(folder.file("pipe")), Error);
    CHECK_THROWS_AS(History("/dev/null"), Error);
    CHECK_FALSE(fs::exists(folder.file("pipe-journal")));
    CHECK_FALSE(fs::exists("/dev/null-journal"));
}

TEST_CASE("a history torn in the middle is an error, not a crash") {
    const Folder folder;
    {
        History history(folder.file("h"));
        for (int i = 0; i < 300; ++i) history.record(run_of("./a" + std::to_string(i), i));
    }
    std::fstream file(folder.file("h"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(12000, '\xff');
    file.close();
    CHECK_THROWS_AS(History(folder.file("h")).all(), Error);
}

TEST_CASE("arguments that differ in their numbers alone have one shape") {
    CHECK(argument_shape({"--seed", "17", "in_003.fa"}) == "--seed # in_#.fa");
    CHECK(argument_shape({"--seed", "4", "in_120.fa"}) == "--seed # in_#.fa");
    CHECK(argument_shape({}).empty());
}

TEST_CASE("a changed binary has another hash") {
    const Folder folder;
    const std::string one = content_hash(write(folder, "one"));
    CHECK(one.size() == 16);
    CHECK(content_hash(write(folder, "two")) != one);
    CHECK(content_hash(folder.file("missing")).empty());
}

TEST_CASE("a history lies in the user's state folder") {
    std::map<std::string, std::string> environment{{"XDG_STATE_HOME", "/s"}, {"HOME", "/h"}};
    const Variables variable = [&](const std::string& name) {
        const auto found = environment.find(name);
        return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    Manifest manifest;
    CHECK(history_path(variable) == "/s/amorsize/history.sqlite");
    CHECK(history_in_use(manifest, variable) == "/s/amorsize/history.sqlite");
    environment["XDG_STATE_HOME"] = "relative";
    CHECK(history_path(variable) == "/h/.local/state/amorsize/history.sqlite");
    environment["AMORSIZE_DISABLE"] = "1";
    CHECK(history_in_use(manifest, variable).empty());
    environment["AMORSIZE_DISABLE"] = "0";
    environment["AMORSIZE_HISTORY"] = "/elsewhere/h";
    CHECK(history_in_use(manifest, variable) == "/elsewhere/h");
    manifest.history = false;
    CHECK(history_in_use(manifest, variable).empty());
    environment = {};
    CHECK(history_path(variable).empty());
}
