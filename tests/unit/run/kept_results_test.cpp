#include "mpi/run/kept_results.hpp"

#include <fstream>
#include <sstream>

#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/items.hpp"
#include "advisor/io/kept_items.hpp"
#include "mpi/run/output_print.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace amorsize;
using namespace amorsize::run;

namespace {

PlannedJob job_with_reuse() {
    PlannedJob job;
    job.job.items = ItemRange{10, 20};
    job.job.sample.reuse = true;
    return job;
}

KeptItem kept(std::int64_t index, const std::string& item, int exit_code = 0) {
    return {index, item, Seconds{1.5}, exit_code, "out " + item + "\n", "err " + item + "\n"};
}

std::string printed(const RunFolder& folder, Stream stream) {
    std::string all;
    print_output(folder, stream, [&](std::string_view text) { all += text; });
    return all;
}

/// A folder with a plan's run folder in it and NAME.kept beside.
struct Beside {
    TemporaryFolder around;
    RunFolder folder{around.file("j.plan.yaml")};
    PlannedJob job = job_with_reuse();
    ItemList list{job.job.items, "."};

    Beside() { folder.create(); }
    RunState take_over() {
        RunState state = read_run_state(folder, list.size());
        take_over_kept(folder, kept_path(folder), job, list, state);
        return state;
    }
};

}  // namespace

TEST_CASE("items kept from sampling count as done, with their output") {
    Beside beside;
    write_file_atomically(kept_path(beside.folder),
                          write_kept_items({kept(7, "17"), kept(2, "12")}));
    CHECK(beside.take_over().done.count() == 2);
    const RunState later = read_run_state(beside.folder, 10);
    CHECK(later.done.contains(7));
    CHECK(later.done.contains(2));
    CHECK(later.last_epoch == 0);
    CHECK(printed(beside.folder, Stream::out) == "out 12\nout 17\n");
    CHECK(printed(beside.folder, Stream::err) == "err 12\nerr 17\n");
}

TEST_CASE("items are taken over once, and later those only that are new") {
    Beside beside;
    write_file_atomically(kept_path(beside.folder), write_kept_items({kept(7, "17")}));
    beside.take_over();
    beside.take_over();
    CHECK(beside.folder.all_files().size() == 1);
    write_file_atomically(kept_path(beside.folder),
                          write_kept_items({kept(7, "17"), kept(3, "13")}));
    CHECK(beside.take_over().done.count() == 2);
    CHECK(printed(beside.folder, Stream::out) == "out 13\nout 17\n");
}

TEST_CASE("an item that failed, has changed or is gone is not taken over") {
    Beside beside;
    write_file_atomically(kept_path(beside.folder),
                          write_kept_items({kept(1, "11", 1), kept(2, "twelve"), kept(10, "20")}));
    CHECK(beside.take_over().done.count() == 0);
    CHECK(beside.folder.all_files().empty());
}

TEST_CASE("without sample.reuse nothing is taken over") {
    Beside beside;
    beside.job.job.sample.reuse = false;
    write_file_atomically(kept_path(beside.folder), write_kept_items({kept(7, "17")}));
    CHECK(beside.take_over().done.count() == 0);
}

TEST_CASE("what an interrupted taking over left does not count and does no harm") {
    Beside beside;
    write_file_atomically(kept_path(beside.folder), write_kept_items({kept(7, "17")}));
    const RankFiles files = beside.folder.files_of(0, 0);
    std::ofstream(files.output) << "torn";
    std::ofstream(files.journal + ".part") << "torn";
    CHECK(read_run_state(beside.folder, 10).done.count() == 0);
    CHECK(beside.take_over().done.count() == 1);
    CHECK(printed(beside.folder, Stream::out) == "out 17\n");
}

TEST_CASE("kept items that cannot be read are an error of the input") {
    Beside beside;
    std::ofstream(kept_path(beside.folder)) << "amorsize-kept 1\n7 0 1";
    CHECK_THROWS_AS(beside.take_over(), Error);
}

TEST_CASE("an epoch that only left output is not taken for a new one") {
    Beside beside;
    CHECK(beside.folder.last_epoch() == 0);
    beside.folder.create();
    std::ofstream(beside.folder.files_of(3, 0).output) << "broken off";
    CHECK(beside.folder.last_epoch() == 3);
}

TEST_CASE("output that is damaged in the middle is printed up to there, and said") {
    Beside beside;
    write_file_atomically(kept_path(beside.folder),
                          write_kept_items({kept(7, "17"), kept(3, "13")}));
    REQUIRE(beside.take_over().done.count() == 2);
    const std::string output = beside.folder.all_files().front().output;
    std::ostringstream whole;
    whole << std::ifstream(output).rdbuf();
    std::string damaged = whole.str();
    damaged[damaged.size() - 2] = static_cast<char>(damaged[damaged.size() - 2] ^ 1);
    std::ofstream(output) << damaged;
    std::string text;
    CHECK_THROWS_AS(
        print_output(beside.folder, Stream::out, [&](std::string_view part) { text += part; }),
        Error);
    CHECK(text.find("out 17") != std::string::npos);
}
