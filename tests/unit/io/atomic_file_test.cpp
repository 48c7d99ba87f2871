#include "advisor/io/atomic_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
namespace fs = std::filesystem;

namespace {

std::string contents_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("a file is replaced whole and nothing is left beside it") {
    const fs::path folder = fs::temp_directory_path() / "amorsize-atomic-file-test";
    fs::remove_all(folder);
    fs::create_directory(folder);
    write_file_atomically((folder / "a").string(), "one");
    write_file_atomically((folder / "a").string(), "two");
    CHECK(contents_of(folder / "a") == "two");
    CHECK(std::distance(fs::directory_iterator(folder), {}) == 1);
    fs::remove_all(folder);
}

TEST_CASE("a missing folder is an environment error that names the file") {
    try {
        write_file_atomically("/nonexistent/folder/a", "x");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::environment);
        CHECK(std::string(error.what()).find("/nonexistent/folder/a") != std::string::npos);
    }
}

TEST_CASE("what is not a regular file is never replaced") {
    CHECK_THROWS_AS(write_file_atomically("/dev/null", "x"), Error);
    CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("of files that belong together none is replaced when one cannot be") {
    const fs::path folder = fs::temp_directory_path() / "amorsize-atomic-files-test";
    fs::remove_all(folder);
    fs::create_directories(folder / "taken");
    write_file_atomically((folder / "first").string(), "old");
    CHECK_THROWS_AS(write_files_atomically(
                        {{(folder / "first").string(), "new"}, {(folder / "taken").string(), "x"}}),
                    Error);
    CHECK(contents_of(folder / "first") == "old");
    CHECK(std::distance(fs::directory_iterator(folder), {}) == 2);

    write_files_atomically(
        {{(folder / "first").string(), "new"}, {(folder / "second").string(), "too"}});
    CHECK(contents_of(folder / "first") + contents_of(folder / "second") == "newtoo");
    fs::remove_all(folder);
}

TEST_CASE("a place that cannot be written is told before the work") {
    CHECK_THROWS_AS(require_replaceable("/nonexistent/folder/a"), Error);
    CHECK_THROWS_AS(require_replaceable("/dev/null"), Error);
    CHECK_NOTHROW(require_replaceable("new-name-in-this-folder"));
}
