#include "mpi/run/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "advisor/core/error.hpp"
#include "mpi/run/output_store.hpp"
#include "mpi/run/run_folder.hpp"
#include "mpi/run/run_state.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace amorsize;
using namespace amorsize::run;
namespace fs = std::filesystem;

namespace {

ItemRecord record_of(std::int64_t item, Outcome outcome = Outcome::done) {
    ItemRecord record;
    record.item = item;
    record.outcome = outcome;
    return record;
}

std::vector<std::int64_t> items_in(const std::string& path) {
    std::vector<std::int64_t> items;
    for_each_record(path, [&](const JournalHeader&, const ItemRecord& record) {
        items.push_back(record.item);
    });
    return items;
}

void write_journal(const std::string& path, const std::vector<std::vector<ItemRecord>>& commits,
                   int epoch = 1) {
    JournalWriter journal(path, {epoch, 0, 1, {}});
    for (const auto& commit : commits) {
        for (const ItemRecord& record : commit) journal.append(record);
        journal.commit();
    }
}

}  // namespace

TEST_CASE("a journal gives back what was committed, in order") {
    const TemporaryFolder folder;
    write_journal(folder.file("j"), {{record_of(3), record_of(1)}, {}, {record_of(2)}});
    CHECK(items_in(folder.file("j")) == std::vector<std::int64_t>{3, 1, 2});
}

TEST_CASE("items that ended together are one record to write and one each to read") {
    const TemporaryFolder folder;
    ItemRecord record = record_of(7);
    record.start = 100;
    record.seconds = 2;
    record.received = 12;
    record.followers = 2;
    write_journal(folder.file("j"), {{record, record_of(1)}});
    std::vector<ItemRecord> read;
    for_each_record(folder.file("j"),
                    [&](const JournalHeader&, const ItemRecord& one) { read.push_back(one); });
    REQUIRE(read.size() == 4);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(read[i].item == 7 + static_cast<std::int64_t>(i));
        CHECK(read[i].start == 100 + 2.0 * static_cast<double>(i));
        CHECK(read[i].seconds == 2);
        CHECK(read[i].received == (i == 0 ? 12 : 0));
        CHECK(read[i].followers == 0);
    }
    CHECK(read[3].item == 1);
}

TEST_CASE("wherever a journal is cut, every whole commit before the cut is read") {
    const TemporaryFolder folder;
    write_journal(folder.file("j"), {{record_of(0)}, {record_of(1), record_of(2)}, {record_of(3)}});
    const auto whole = fs::file_size(folder.file("j"));
    std::size_t before = 0;
    for (std::uintmax_t length = 0; length <= whole; ++length) {
        fs::copy_file(folder.file("j"), folder.file("cut"), fs::copy_options::overwrite_existing);
        fs::resize_file(folder.file("cut"), length);
        const auto items = items_in(folder.file("cut"));
        for (std::size_t i = 0; i < items.size(); ++i)
            REQUIRE(items[i] == static_cast<std::int64_t>(i));
        REQUIRE(items.size() >= before);
        REQUIRE((items.size() == 0 || items.size() == 1 || items.size() == 3 || items.size() == 4));
        before = items.size();
    }
    CHECK(before == 4);
}

TEST_CASE("a damaged commit and what follows it are not believed") {
    const TemporaryFolder folder;
    write_journal(folder.file("j"), {{record_of(0)}, {record_of(1)}, {record_of(2)}});
    const auto size = static_cast<std::streamoff>(fs::file_size(folder.file("j")));
    const std::streamoff second = size - std::streamoff{2} * (12 + 64) + 20;
    std::fstream file(folder.file("j"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(second).put('x');
    file.close();
    CHECK(items_in(folder.file("j")) == std::vector<std::int64_t>{0});
}

TEST_CASE("a journal that exists already is not written over") {
    const TemporaryFolder folder;
    write_journal(folder.file("j"), {});
    CHECK_THROWS_AS(JournalWriter(folder.file("j"), {1, 0, 1, {}}), Error);
}

TEST_CASE("output pieces come back under their keys, long ones in several pieces") {
    const TemporaryFolder folder;
    const std::string text(3'000'000, 'a');
    {
        OutputWriter output(folder.file("o"));
        output.append({7, 2, Stream::err}, "short");
        output.append({8, 1, Stream::out}, text);
        output.commit();
        CHECK(output.end() == static_cast<std::int64_t>(fs::file_size(folder.file("o"))));
    }
    OutputReader reader(folder.file("o"));
    const auto first = reader.next();
    REQUIRE(first);
    CHECK(first->key == OutputKey{7, 2, Stream::err});
    CHECK(first->text == "short");
    std::string joined;
    while (const auto piece = reader.next()) {
        CHECK(piece->key == OutputKey{8, 1, Stream::out});
        joined += piece->text;
    }
    CHECK(joined == text);
}

TEST_CASE("a full disk is an environment error that says the run can be resumed") {
    const TemporaryFolder folder;
    // The file itself is new; what it writes to is full.
    const int full = ::open("/dev/full", O_WRONLY);
    OutputWriter output(folder.file("o"));
    ::dup2(full, output.descriptor());
    ::close(full);
    output.append({1, 1, Stream::out}, "text");
    try {
        output.commit();
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::environment);
        CHECK(error.hint.find("run the same command again") != std::string::npos);
    }
}

TEST_CASE("the state of a run follows from all journals of its folder") {
    const TemporaryFolder folder;
    const RunFolder run(folder.file("a.plan.yaml"));
    run.create();
    write_journal(run.files_of(1, 0).journal, {{record_of(0), record_of(1, Outcome::failed)}});
    write_journal(run.files_of(1, 1).journal,
                  {{record_of(2, Outcome::retried), record_of(3, Outcome::failed), record_of(5),
                    record_of(5, Outcome::withdrawn)}});
    write_journal(run.files_of(2, 0).journal,
                  {{record_of(3), record_of(4, Outcome::out_of_memory)}}, 2);
    const RunState state = read_run_state(run, 6);
    CHECK(state.last_epoch == 2);
    CHECK(state.done.count() == 2);
    CHECK(state.done.contains(0));
    CHECK(state.done.contains(3));
    CHECK(state.failed.count() == 2);
    CHECK(state.failed.contains(1));
    CHECK(state.failed.contains(5));
}

TEST_CASE("an item whose output did not reach the disk is not done") {
    const TemporaryFolder folder;
    const RunFolder run(folder.file("a.plan.yaml"));
    run.create();
    ItemRecord with_output = record_of(0);
    ItemRecord lost = record_of(1);
    {
        OutputWriter output(run.files_of(1, 0).output);
        output.append({0, 1, Stream::out}, "x");
        output.commit();
        with_output.output_end = output.end();
        lost.output_end = output.end() + 1;
    }
    write_journal(run.files_of(1, 0).journal, {{with_output, lost}});
    const RunState state = read_run_state(run, 2);
    CHECK(state.done.contains(0));
    CHECK_FALSE(state.done.contains(1));
}

TEST_CASE("a folder belongs to one list of items") {
    const TemporaryFolder folder;
    const RunFolder run(folder.file("a.plan.yaml"));
    run.create();
    claim_folder(run, "range 0 5\n");
    CHECK_NOTHROW(claim_folder(run, "range 0 5\n"));
    CHECK_THROWS_AS(claim_folder(run, "range 0 6\n"), Error);
    run.clear();
    CHECK_NOTHROW(claim_folder(run, "range 0 6\n"));
}

TEST_CASE("the folder and its neighbours are named after the plan") {
    const RunFolder run("/x/job.plan.yaml");
    CHECK(run.path() == "/x/job.run");
    CHECK(run.sibling(".joblog") == "/x/job.joblog");
    CHECK(RunFolder("/x/other.yaml").path() == "/x/other.yaml.run");
}
