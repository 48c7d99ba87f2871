#include "advisor/measure/common_pages.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>
#include "tests/support/catch.hpp"
#include "tests/support/python_missing.hpp"

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

/// MiB of a file that make an item larger than this program: up to that the kernel's word for its
/// peak is not taken. Under a sanitizer this program is large, for what it freed is kept.
int mib_of_large_item() {
    std::ifstream statm("/proc/self/statm");
    std::int64_t pages = 0;
    std::int64_t resident = 0;
    statm >> pages >> resident;
    return std::max(48, static_cast<int>(2 * resident * ::sysconf(_SC_PAGESIZE) >> 20));
}

/// A file that is removed with this.
struct SomeFile {
    explicit SomeFile(const std::string& name, int mib = 0)
        : path(fmt::format("/var/tmp/amorsize-{}-{}", name, ::getpid())) {
        const std::string part(std::size_t{1} << 20, 'x');
        std::ofstream file(path);
        for (int i = 0; i < mib; ++i) file << part;
    }
    ~SomeFile() { std::filesystem::remove(path); }
    SomeFile(const SomeFile&) = delete;
    SomeFile& operator=(const SomeFile&) = delete;
    std::string path;
};

/// What a process held when it was looked at: it maps a file whole and has 20 MiB of its own.
/// `open` is the program that leaves the file's descriptor in `fd`.
ItemRun run_on(const SamplingScope& scope, const std::string& open) {
    const SomeFile may_end("may-end");
    const std::string program = fmt::format(
        "import mmap, os, time\n"
        "{}\n"
        "whole = mmap.mmap(fd, 0, prot=mmap.PROT_READ)\n"
        "sum(whole[i] for i in range(0, len(whole), 4096))\n"
        "own = b'x' * (20 << 20)\n"
        "print('ready', flush=True)\n"
        "while os.path.exists('{}'): time.sleep(0.01)\n",
        open, may_end.path);
    RunningItem item(scope, {{"python3", "-c", program}, {}, {}, {}}, {});
    while (item.out().kept().empty() && !item.has_ended()) {
        item.out().read_available(1 << 10);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    item.look();
    std::filesystem::remove(may_end.path);
    while (!item.has_ended()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return item.finish(Clock::now(), Ended::by_itself);
}

std::string reading(const SomeFile& file) {
    return fmt::format("fd = os.open('{}', os.O_RDONLY)", file.path);
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
    const int mib = mib_of_large_item();
    const SomeFile file("mapped-by-all", mib);
    const SomeFile other("mapped-by-one", mib);
    for (const bool cgroups : {true, false}) {
        CAPTURE(cgroups);
        const SamplingScope scope(cgroups);
        const ItemRun one = run_on(scope, reading(file));
        const ItemRun two = run_on(scope, reading(file));
        const ItemRun apart = run_on(scope, reading(other));
        REQUIRE(one.succeeded());
        REQUIRE(one.mapped);
        CHECK(one.peak_memory > kMiB * (mib + 20));
        const auto common = common_pages({&one, &two});
        REQUIRE(common);
        CHECK(common->of_worker >= kMiB * mib);
        CHECK(common->at_most >= common->of_worker);
        CHECK(one.peak_memory - common->of_worker >= kMiB * 20);
        const auto libraries = common_pages({&one, &apart});
        CHECK(libraries.value_or(CommonPages{}).of_worker < kMiB * 40);
    }
}

TEST_CASE("a file that each process makes for itself is in common with nobody") {
    if (python_missing()) return;
    const SomeFile place("scratch");
    const SamplingScope scope;
    const auto own_file = [&](bool removed) {
        return fmt::format(
            "fd = os.open('{0}', os.O_RDWR | os.O_CREAT | os.O_TRUNC)\n"
            "for _ in range(48): os.write(fd, b'x' * (1 << 20))\n{1}",
            place.path, removed ? "os.unlink('" + place.path + "')" : "");
    };
    for (const bool removed : {false, true}) {
        CAPTURE(removed);
        const ItemRun one = run_on(scope, own_file(removed));
        std::filesystem::remove(place.path);  // its inode is free for the next
        const ItemRun two = run_on(scope, own_file(removed));
        REQUIRE(one.succeeded());
        REQUIRE(two.mapped);
        CHECK(common_pages({&one, &two}).value_or(CommonPages{}).of_worker < kMiB * 40);
    }
}

TEST_CASE("nothing is in common where the largest was not seen") {
    const ItemRun one = run_that_maps(1, kMiB * 300, kMiB * 100, {{"a", mapped(200)}});
    const ItemRun two = run_that_maps(2, kMiB * 300, kMiB * 100, {{"a", mapped(200)}});
    ItemRun larger = run_that_maps(3, kMiB * 900, kMiB * 100, {});
    larger.mapped.reset();
    CHECK(common_pages({&one, &two}));
    CHECK_FALSE(common_pages({&one, &two, &larger}));
}
