#include "advisor/cli/passing_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::cli;

namespace fs = std::filesystem;

namespace {

/// An empty folder for temporaries.
class Temporaries {
public:
    Temporaries() {
        if (const char* set = std::getenv("TMPDIR")) before_ = set;
        std::string name = (fs::temp_directory_path() / "amorsize-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        ::setenv("TMPDIR", name.c_str(), 1);
    }
    Temporaries(const Temporaries&) = delete;
    Temporaries& operator=(const Temporaries&) = delete;
    ~Temporaries() {
        if (before_.empty()) ::unsetenv("TMPDIR");
        if (!before_.empty()) ::setenv("TMPDIR", before_.c_str(), 1);
        fs::remove_all(folder_);
    }
    bool empty() const { return fs::is_empty(folder_); }

private:
    std::string before_;
    fs::path folder_;
};

/// Files of this process end here, as on a full disk.
class LargestFile {
public:
    explicit LargestFile(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    LargestFile(const LargestFile&) = delete;
    LargestFile& operator=(const LargestFile&) = delete;
    ~LargestFile() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    void (*handler_)(int);
    rlimit before_{};
};

}  // namespace

TEST_CASE("a passing file is its owner's alone and goes with the value") {
    const Temporaries folder;
    {
        const PassingFile file("a secret");
        struct stat status {};
        REQUIRE(::stat(file.path().c_str(), &status) == 0);
        CHECK((status.st_mode & 077) == 0);
        std::ifstream in(file.path());
        CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "a secret");
    }
    CHECK(folder.empty());
}

TEST_CASE("a passing file that does not fit is an error and leaves nothing") {
    const Temporaries folder;
    const auto write_too_much = [] {
        const LargestFile limit(4);
        const PassingFile file("a secret");
    };
    CHECK_THROWS_AS(write_too_much(), Error);
    CHECK(folder.empty());
}
