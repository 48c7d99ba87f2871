#include "advisor/io/item_sizes.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"

using namespace amorsize;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder() {
        path_ = fs::temp_directory_path() / ("amorsize-sizes." + std::to_string(::getpid()));
        fs::create_directory(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    void file(const std::string& name, std::size_t size) const {
        std::ofstream(path_ / name) << std::string(size, 'x');
    }
    std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

}  // namespace

TEST_CASE("The sizes of the files that items name, the largest in any case") {
    const Folder folder;
    for (int i = 0; i < 1500; ++i) folder.file("a" + std::to_string(i), 3);
    folder.file("a777", 5000);
    const ItemList items(ItemGlob{"a*"}, folder.path());
    const std::vector<Bytes> sizes = input_sizes(items, folder.path());
    CHECK(sizes.size() == kSizesKept);
    CHECK(sizes.front() == Bytes{3});
    CHECK(sizes[kSizesKept - 2] == Bytes{3});
    CHECK(sizes.back() == Bytes{5000});
}

TEST_CASE("Items that are no files have no size") {
    const Folder folder;
    CHECK(input_sizes(ItemList(ItemRange{0, 1000}, folder.path()), folder.path()).empty());
    CHECK(input_sizes(ItemList(ItemCount{3}, folder.path()), folder.path()).empty());
}

TEST_CASE("A line that names no file is passed over, a folder is none") {
    const Folder folder;
    folder.file("one", 10);
    fs::create_directory(fs::path(folder.path()) / "sub");
    std::ofstream(fs::path(folder.path()) / "list") << "one\nmissing\nsub\n";
    const ItemList items(ItemFile{"list"}, folder.path());
    CHECK(input_sizes(items, folder.path()) == std::vector<Bytes>{Bytes{10}});
}

TEST_CASE("A list that takes too long to look at tells nothing") {
    const Folder folder;
    for (int i = 0; i < 600; ++i) folder.file("a" + std::to_string(i), 3);
    const ItemList items(ItemGlob{"a*"}, folder.path());
    CHECK(input_sizes(items, folder.path(), Seconds{-1}).empty());
}
