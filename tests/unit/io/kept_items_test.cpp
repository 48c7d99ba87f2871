#include "advisor/io/kept_items.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

struct TemporaryPath {
    std::string path = "/tmp/amorsize-kept-" + std::to_string(::getpid());
    ~TemporaryPath() { std::remove(path.c_str()); }
};

std::vector<KeptItem> some_items() {
    return {{7, "a b\nc", Seconds{0.1}, 0, std::string("bin\0ary\xff", 8), ""},
            {9000000000, "", Seconds{1e-9}, 0, "", "end\n"}};
}

std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

void check_refused(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    INFO(text);
    try {
        read_kept_items(path);
        FAIL("read without an error");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        CHECK(std::string(error.what()).find(path) != std::string::npos);
    }
}

}  // namespace

TEST_CASE("kept items come back as they were, whatever bytes they hold") {
    const TemporaryPath file;
    write_file_atomically(file.path, write_kept_items(some_items()));
    const std::vector<KeptItem> items = read_kept_items(file.path);
    REQUIRE(items.size() == 2);
    CHECK(items[0].index == 7);
    CHECK(items[0].item == "a b\nc");
    CHECK(items[0].seconds == Seconds{0.1});
    CHECK(items[0].out == std::string("bin\0ary\xff", 8));
    CHECK(items[1].index == 9000000000);
    CHECK(items[1].seconds == Seconds{1e-9});
    CHECK(items[1].err == "end\n");
}

TEST_CASE("no kept items are a file too") {
    const TemporaryPath file;
    write_file_atomically(file.path, write_kept_items({}));
    CHECK(contents(file.path) == "amorsize-kept 1\nend\n");
    CHECK(read_kept_items(file.path).empty());
}

TEST_CASE("a file of kept items that is cut short anywhere is refused") {
    const TemporaryPath file;
    write_file_atomically(file.path, write_kept_items(some_items()));
    const std::string whole = contents(file.path);
    for (std::size_t length = 0; length < whole.size(); ++length)
        check_refused(file.path, whole.substr(0, length));
}

TEST_CASE("kept items with lengths beyond the file are refused") {
    const TemporaryPath file;
    check_refused(file.path, "amorsize-kept 1\n1 0 0.5 18446744073709551615 1 1\nx\nend\n");
    check_refused(file.path, "amorsize-kept 1\n-1 0 0.5 0 0 0\n\nend\n");
    check_refused(file.path, "amorsize-kept 1\n1 0 0.5 0 0 0\n\nend\nmore");
    check_refused(file.path, "amorsize-kept 2\nend\n");
}
