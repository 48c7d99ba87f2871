#include "advisor/io/items.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder()
        : path_(fs::temp_directory_path() / ("amorsize-items-test-" + std::to_string(::getpid()))) {
        fs::remove_all(path_);
        fs::create_directory(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

std::vector<std::string> all(const ItemList& items) {
    std::vector<std::string> found;
    for (std::int64_t i = 0; i < items.size(); ++i) found.push_back(items[i]);
    return found;
}

long peak_resident_kib() {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word && word != "VmHWM:") {
    }
    long kib = -1;
    status >> kib;
    return kib;
}

std::string fault_of(const Items& items, const std::string& directory) {
    try {
        const ItemList list(items, directory);
        return "";
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
}

}  // namespace

TEST_CASE("a range and a count are numbers") {
    CHECK(all(ItemList(ItemRange{5, 8}, "/")) == std::vector<std::string>{"5", "6", "7"});
    CHECK(all(ItemList(ItemCount{2}, "/")) == std::vector<std::string>{"0", "1"});
    CHECK(ItemList(ItemRange{0, 9'000'000'000'000'000'000}, "/").size() ==
          9'000'000'000'000'000'000);
}

TEST_CASE("a file's lines are items byte for byte, empty lines are none") {
    const Folder folder;
    folder.write("list", "a\n\n b \t\nc\r\n\n\n$(x) '\"\\\xff\nlast");
    CHECK(all(ItemList(ItemFile{"list"}, folder.path())) ==
          std::vector<std::string>{"a", " b \t", "c\r", "$(x) '\"\\\xff", "last"});
    CHECK(all(ItemList(ItemFile{folder.path() + "/list"}, "/nowhere")).size() == 5);
}

TEST_CASE(
    "every item of a long file is found, whatever its length, and by several threads at once") {
    const Folder folder;
    std::string text;
    std::vector<std::string> expected;
    for (int i = 0; i < 3000; ++i) {
        expected.push_back(
            std::string(static_cast<std::size_t>(i * 7919 % 997 + (i % 500 == 0 ? 60'000 : 1)),
                        static_cast<char>('a' + i % 26)));
        text += expected.back() + (i % 3 == 0 ? "\n\n" : "\n");
    }
    folder.write("list", text);
    const ItemList items(ItemFile{"list"}, folder.path());
    CHECK(all(items) == expected);
    std::vector<std::thread> threads;
    std::vector<int> right(4, 0);
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = t; i < expected.size(); i += 4)
                right[t] += items[static_cast<std::int64_t>(i)] == expected[i] ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(right == std::vector<int>(4, 750));
}

TEST_CASE("a million items take little memory") {
    const Folder folder;
    {
        std::ofstream list(folder.path() + "/list");
        for (int i = 0; i < 1'000'000; ++i) list << "data/input-" << i << ".txt\n";
    }
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts at what is resident now
    const long before = peak_resident_kib();
    const ItemList items(ItemFile{"list"}, folder.path());
    CHECK(items.size() == 1'000'000);
    CHECK(items[999'999] == "data/input-999999.txt");
    CHECK(peak_resident_kib() - before < 8192);
}

TEST_CASE("files that give no items are refused with the reason") {
    const Folder folder;
    folder.write("empty", "");
    folder.write("blank", "\n\n\n");
    folder.write("nul", std::string("a\nb\0c\n", 6));
    folder.write("long", "a\n" + std::string(std::size_t{128} << 10, 'x') + "\n");
    REQUIRE(::mkfifo((folder.path() + "/pipe").c_str(), 0600) == 0);
    CHECK(fault_of(ItemFile{"none"}, folder.path()).find("No such file") != std::string::npos);
    CHECK(fault_of(ItemFile{"."}, folder.path()).find("not a regular file") != std::string::npos);
    CHECK(fault_of(ItemFile{"pipe"}, folder.path()).find("not a regular file") !=
          std::string::npos);
    CHECK(fault_of(ItemFile{"empty"}, folder.path()).find("holds no items") != std::string::npos);
    CHECK(fault_of(ItemFile{"blank"}, folder.path()).find("holds no items") != std::string::npos);
    CHECK(fault_of(ItemFile{"nul"}, folder.path()).find("line 2 holds a NUL byte") !=
          std::string::npos);
    CHECK(fault_of(ItemFile{"long"}, folder.path()).find("line 2 is longer than 131071 bytes") !=
          std::string::npos);
}

TEST_CASE("the longest line that can be an argument is an item") {
    const Folder folder;
    const std::string longest(128 * 1024 - 1, 'x');
    folder.write("list", "a\n" + longest + "\nb\n" + longest);
    CHECK(all(ItemList(ItemFile{"list"}, folder.path())) ==
          std::vector<std::string>{"a", longest, "b", longest});
}

TEST_CASE("an item file that changes under our hands is noticed") {
    const Folder folder;
    folder.write("list", "a\nb\nc\n");
    const ItemList items(ItemFile{"list"}, folder.path());
    folder.write("list", "a\n");
    try {
        items[2];
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::environment);
        CHECK(std::string(error.what()).find("changed while it was in use") != std::string::npos);
    }
}

TEST_CASE("a glob's matches come in byte order, as the pattern spells them") {
    const Folder folder;
    fs::create_directory(folder.path() + "/d[1]");
    for (const char* name : {"b.txt", "B.txt", "a 1.txt", "-x.txt", ".hidden.txt", "c.dat"})
        folder.write(std::string("d[1]/") + name, "");
    const std::string inside = folder.path() + "/d[1]";
    CHECK(all(ItemList(ItemGlob{"*.txt"}, inside)) ==
          std::vector<std::string>{"-x.txt", "B.txt", "a 1.txt", "b.txt"});
    CHECK(all(ItemList(ItemGlob{"*/*.dat"}, folder.path())) ==
          std::vector<std::string>{"d[1]/c.dat"});
    CHECK(all(ItemList(ItemGlob{folder.path() + "/*/c.*"}, "/")) ==
          std::vector<std::string>{inside + "/c.dat"});
    CHECK(fault_of(ItemGlob{"*.none"}, inside).find("no file matches *.none") != std::string::npos);
}
