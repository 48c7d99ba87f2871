#include "advisor/measure/common_pages.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

ItemRun run_that_maps(pid_t process, Bytes peak, Bytes own, MappedFiles files) {
    ItemRun run;
    run.process = process;
    run.peak_memory = peak;
    run.mapped = MappedMemory{std::move(files), own};
    return run;
}

MappedFile mapped(double mib) {
    return {kMiB * mib, kMiB * mib};
}

/// A file that is removed with this.
struct SomeFile {
    explicit SomeFile(const std::string& name)
        : path(fmt::format("/var/tmp/amorsize-{}-{}", name, ::getpid())) {
        std::ofstream(path) << std::string(std::size_t{48} << 20, 'x');
    }
    ~SomeFile() { std::filesystem::remove(path); }
    SomeFile(const SomeFile&) = delete;
    SomeFile& operator=(const SomeFile&) = delete;
    std::string path;
};

/// A process that maps the file, touches all of it, and holds 20 MiB of its own for a while.
ItemRun run_on(const SamplingScope& scope, const SomeFile& file) {
    const std::string program = fmt::format(
        "import mmap, time\n"
        "file = open('{}')\n"
        "whole = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)\n"
        "sum(whole[i] for i in range(0, len(whole), 4096))\n"
        "own = b'x' * (20 << 20)\n"
        "time.sleep(1)\n",
        file.path);
    ItemLimits limits;
    return run_item(scope, {{"python3", "-c", program}, {}, {}, {}}, limits);
}

bool python_missing() {
    if (::access("/usr/bin/python3", X_OK) == 0) return false;
    WARN("SKIPPED: needs python3 to map files");
    return true;
}

}  // namespace

TEST_CASE("what all processes map is common, by the least that one maps") {
    const ItemRun one =
        run_that_maps(1, kMiB * 300, kMiB * 100, {{"a", mapped(200)}, {"b", mapped(9)}});
    const ItemRun two =
        run_that_maps(2, kMiB * 250, kMiB * 90, {{"a", mapped(150)}, {"c", mapped(9)}});
    const auto common = common_pages({&one, &two});
    REQUIRE(common);
    CHECK(common->of_worker == kMiB * 150);
    CHECK(common->at_most == kMiB * 200);
}

TEST_CASE("files unmapped before the peak are not in common at the peak") {
    const ItemRun one = run_that_maps(1, kMiB * 300, kMiB * 290, {{"a", mapped(200)}});
    const ItemRun two = run_that_maps(2, kMiB * 300, kMiB * 100, {{"a", mapped(200)}});
    const auto common = common_pages({&one, &two});
    REQUIRE(common);
    CHECK(common->of_worker == kMiB * 10);
}

TEST_CASE("one process tells nothing of what others map") {
    const ItemRun answer = run_that_maps(1, kMiB * 300, kMiB * 100, {{"a", mapped(200)}});
    const ItemRun another = answer;  // of the same worker
    CHECK_FALSE(common_pages({&answer, &another}));
    ItemRun unseen = answer;
    unseen.process = 2;
    unseen.mapped.reset();
    CHECK_FALSE(common_pages({&answer, &unseen}));
}

TEST_CASE("a file that real processes map is found in common, and files of their own are not") {
    if (python_missing()) return;
    const SomeFile file("mapped-by-all");
    const SomeFile other("mapped-by-one");
    for (const bool cgroups : {true, false}) {
        CAPTURE(cgroups);
        const SamplingScope scope(cgroups);
        const ItemRun one = run_on(scope, file);
        const ItemRun two = run_on(scope, file);
        const ItemRun apart = run_on(scope, other);
        REQUIRE(one.succeeded());
        REQUIRE(one.mapped);
        CHECK(one.peak_memory > kMiB * 68);
        const auto common = common_pages({&one, &two});
        REQUIRE(common);
        CHECK(common->of_worker >= kMiB * 48);
        CHECK(common->at_most >= common->of_worker);
        CHECK(one.peak_memory - common->of_worker >= kMiB * 20);
        const auto libraries = common_pages({&one, &apart});
        CHECK(libraries.value_or(CommonPages{}).of_worker < kMiB * 40);
    }
}
