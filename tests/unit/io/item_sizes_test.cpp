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

TEST_CASE("The sizes of the files that items name, their sum and the largest") {
    const Folder folder;
    for (int i = 0; i < 1500; ++i) folder.file("a" + std::to_string(i), 3);
    folder.file("a777", 5000);
    const ItemList items(ItemGlob{"a*"}, folder.path());
    const InputSizes found = input_sizes(items, folder.path());
    CHECK(found.largest == Bytes{5000});
    CHECK(found.sizes.size() == kSizesKept);
    CHECK(found.sizes.front() == Bytes{3});
    std::int64_t sum = 0;
    for (const Bytes size : found.sizes) sum += size.value;
    CHECK(sum * 1500 / static_cast<std::int64_t>(kSizesKept) == Approx(1499 * 3 + 5000).margin(5));
}

TEST_CASE("Items that are no files have no size") {
    const Folder folder;
    CHECK_FALSE(input_sizes(ItemList(ItemRange{0, 1000}, folder.path()), folder.path()).largest);
    CHECK_FALSE(input_sizes(ItemList(ItemCount{3}, folder.path()), folder.path()).largest);
}

TEST_CASE("A line that names no file is passed over, a folder is none") {
    const Folder folder;
    folder.file("one", 10);
    fs::create_directory(fs::path(folder.path()) / "sub");
    std::ofstream(fs::path(folder.path()) / "list") << "one\nmissing\nsub\n";
    const ItemList items(ItemFile{"list"}, folder.path());
    CHECK(input_sizes(items, folder.path()).largest == Bytes{10});
    CHECK(input_sizes(items, folder.path()).sizes.empty());
}

TEST_CASE("A list that takes too long to look at tells nothing") {
    const Folder folder;
    for (int i = 0; i < 600; ++i) folder.file("a" + std::to_string(i), 3);
    const ItemList items(ItemGlob{"a*"}, folder.path());
    CHECK_FALSE(input_sizes(items, folder.path(), Seconds{-1}).largest);
}
