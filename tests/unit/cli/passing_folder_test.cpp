#include "advisor/cli/passing_folder.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"

using namespace amorsize::cli;

namespace fs = std::filesystem;

namespace {

/// An empty folder, gone afterwards.
struct Folder {
    fs::path path;

    Folder() {
        std::string name = (fs::temp_directory_path() / "amorsize-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("a passing folder is its owner's alone and goes with all in it") {
    const Folder place;
    const fs::path parent = place.path / "not" / "there";
    {
        const PassingFolder folder(parent.string());
        struct stat status {};
        REQUIRE(::stat(folder.path().c_str(), &status) == 0);
        CHECK((status.st_mode & 077) == 0);
        fs::create_directory(fs::path(folder.path()) / "spool");
        std::ofstream(fs::path(folder.path()) / "spool" / "n1.survey") << "a report";
    }
    CHECK(fs::is_empty(parent));
}

TEST_CASE("two passing folders of one place differ") {
    const Folder place;
    const PassingFolder one(place.path.string());
    const PassingFolder other(place.path.string());
    CHECK(one.path() != other.path());
}

TEST_CASE("there is no passing folder where others could put theirs in its place") {
    const Folder place;
    for (const mode_t mode : {0777U, 0770U}) {
        REQUIRE(::chmod(place.path.c_str(), mode) == 0);
        CHECK(PassingFolder(place.path.string()).path().empty());
    }
    REQUIRE(::chmod(place.path.c_str(), 01777) == 0);
    CHECK_FALSE(PassingFolder(place.path.string()).path().empty());
    CHECK(PassingFolder("").path().empty());
    CHECK(PassingFolder("/dev/null/below").path().empty());
}
