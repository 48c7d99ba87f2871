#include "advisor/measure/item_process.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/python_missing.hpp"

using namespace amorsize;
using namespace amorsize::measure;

extern char** environ;

namespace {

std::vector<std::string> our_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
    return entries;
}

ItemCommand command(std::vector<std::string> argv) {
    return {std::move(argv), our_environment(), "/tmp", {}};
}
ItemCommand shell(const std::string& text) {
    return command({"bash", "-c", text});
}

/// Running processes whose command line holds `text`, zombies not counted.
int running_with(const std::string& text) {
    int count = 0;
    for (const ProcessEntry& entry : list_processes()) {
        const auto line = read_small_file(fmt::format("/proc/{}/cmdline", entry.pid));
        if (!entry.ended && line && line->find(text) != std::string::npos) ++count;
    }
    return count;
}

/// Keeps every core busy three times over while it lives.
class BusyMachine {
public:
    BusyMachine() {
        for (unsigned i = 0; i < 3 * std::max(1u, std::thread::hardware_concurrency()); ++i)
            spinners_.emplace_back([this] {
                while (!over_) {
                }
            });
    }
    ~BusyMachine() {
        over_ = true;
        for (std::thread& one : spinners_) one.join();
    }

private:
    std::atomic<bool> over_{false};
    std::vector<std::thread> spinners_;
};

/// A sleep no one else runs: its duration names this test process and the place.
std::string unique_sleep(int place) {
    return fmt::format("{}.{}", 1000 + place, ::getpid());
}

ItemLimits limit(double seconds, double grace = 0.2) {
    ItemLimits limits;
    limits.time = Seconds{seconds};
    limits.grace = Seconds{grace};
    return limits;
}

}  // namespace

TEST_CASE("an item that succeeds is measured") {
    const SamplingScope scope;
    // Its own 2 MB: pages of the shell that others share count in part only.
    const std::string item =
        "x=$(head -c 2000000 /dev/zero | tr '\\0' x); echo out; echo err >&2; sleep 1";
    const ItemRun run = run_item(scope, shell(item), limit(30));
    CHECK(run.succeeded());
    CHECK(run.out == "out\n");
    CHECK(run.err == "err\n");
    CHECK(run.seconds.value >= 1);
    CHECK(run.user.value + run.system.value < run.seconds.value);
    CHECK(run.peak_memory > Bytes{2000000});
    CHECK(run.running_beside == Approx(1));
    CHECK(run.threads.value_or(0) >= 1);
}

TEST_CASE("exit codes and signals are told apart") {
    const SamplingScope scope;
    const ItemRun failed = run_item(scope, shell("echo no luck >&2; exit 3"), limit(30));
    CHECK(failed.ended == Ended::by_itself);
    CHECK(failed.exit_code == 3);
    CHECK(failed.err_tail == "no luck\n");
    const ItemRun killed = run_item(scope, shell("kill -SEGV $$"), limit(30));
    CHECK(killed.ended == Ended::by_signal);
    CHECK(killed.signal == SIGSEGV);
}

TEST_CASE("a program that is missing, not executable or in a missing folder is not started") {
    const SamplingScope scope;
    CHECK(run_item(scope, command({"amorsize-no-such-program"}), limit(5)).start_error == ENOENT);
    CHECK(run_item(scope, command({"./no-such-program"}), limit(5)).start_error == ENOENT);
    CHECK(run_item(scope, command({"/etc/passwd"}), limit(5)).start_error == EACCES);
    ItemCommand elsewhere = command({"true"});
    elsewhere.directory = "/no/such/folder";
    const ItemRun run = run_item(scope, elsewhere, limit(5));
    CHECK(run.ended == Ended::not_started);
    CHECK(run.start_failed == "enter its directory");
}

TEST_CASE("an item has no input, its own process group, its directory and its environment") {
    const SamplingScope scope;
    ItemCommand item = shell("cat; pwd; echo $KEY; ps -o pgid= -p $$ | tr -d ' '; echo $$");
    item.directory = "/";
    item.environment.push_back("KEY=a b");
    const ItemRun run = run_item(scope, item, limit(5));
    CHECK(run.out.substr(0, 6) == "/\na b\n");
    const std::string ids = run.out.substr(6);
    const std::size_t half = ids.find('\n');
    CHECK(ids.substr(0, half + 1) == ids.substr(half + 1));
}

TEST_CASE("signals are neither blocked nor ignored in an item") {
    const SamplingScope scope;
    const ItemRun run = run_item(
        scope, shell("grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -f2 | sort -u"), limit(5));
    CHECK(run.out == "0000000000000000\n");
}

TEST_CASE("at its limit an item that ignores SIGTERM is ended with everything it started") {
    const SamplingScope scope;
    const std::string nap = unique_sleep(1);
    const auto begin = std::chrono::steady_clock::now();
    const ItemRun run = run_item(
        scope,
        shell(fmt::format(
            "trap '' TERM; (sleep {0} & setsid sleep {0} &) ; while :; do sleep {0}; done", nap)),
        limit(0.3));
    CHECK(run.ended == Ended::at_time_limit);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(15));
    CHECK(running_with(nap) == 0);
    CHECK(run.survivors == 0);
}

TEST_CASE("an item that multiplies while it is being ended is ended all the same") {
    const SamplingScope scope;
    const std::string nap = unique_sleep(2);
    const ItemRun run =
        run_item(scope,
                 shell(fmt::format("trap 'for i in 1 2 3 4 5; do setsid sleep {0} & done' TERM; "
                                   "for i in 1 2 3; do sleep {0} & done; while :; do wait; done",
                                   nap)),
                 limit(0.3, 0.5));
    CHECK(run.ended == Ended::at_time_limit);
    CHECK(running_with(nap) == 0);
}

TEST_CASE("daemons an item leaves behind are found, ended and said") {
    const SamplingScope scope;
    const std::string nap = unique_sleep(3);
    const ItemRun run =
        run_item(scope,
                 shell(fmt::format(
                     "(setsid bash -c '(sleep {0} >/dev/null 2>&1 &)' &); sleep 0.1; exit 0", nap)),
                 limit(30));
    CHECK(run.succeeded());
    CHECK(run.seconds.value < 5);
    CHECK(run.left_running >= 1);
    CHECK(running_with(nap) == 0);
}

TEST_CASE("a daemon that holds the output open does not hold up the item") {
    const SamplingScope scope;
    const std::string nap = unique_sleep(4);
    const ItemRun run =
        run_item(scope, shell(fmt::format("setsid sleep {} & echo done", nap)), limit(30));
    CHECK(run.succeeded());
    CHECK(run.out == "done\n");
    CHECK(run.seconds.value < 10);
    CHECK(running_with(nap) == 0);
}

TEST_CASE("processes that are not of the sample are left alone") {
    const pid_t mine = ::fork();
    if (mine == 0) {
        ::pause();
        ::_exit(0);
    }
    {
        const SamplingScope scope;
        CHECK(run_item(scope, shell("sleep 60"), limit(0.1)).ended == Ended::at_time_limit);
    }
    CHECK(::kill(mine, 0) == 0);
    ::kill(mine, SIGKILL);
    int status = 0;
    CHECK(::waitpid(mine, &status, 0) == mine);
}

TEST_CASE("memory that the sampler itself held before is not taken for the item's") {
    constexpr std::size_t kHeld = std::size_t{300} << 20;
    {
        const std::vector<char> held(kHeld, 'x');
        REQUIRE(std::find(held.begin(), held.end(), 'y') == held.end());
    }
    const SamplingScope scope(false);
    const ItemRun run = run_item(scope, command({"/bin/true"}), limit(5));
    CHECK(run.peak_memory.value > 0);
    CHECK(run.peak_memory.value < static_cast<std::int64_t>(kHeld / 2));
}

TEST_CASE("CPU time includes the children an item waited for") {
    const SamplingScope scope;
    const ItemRun run = run_item(scope,
                                 shell("bash -c 'for ((i=0;i<300000;i++)); do :; done' & bash -c "
                                       "'for ((i=0;i<300000;i++)); do :; done' & wait"),
                                 limit(60));
    CHECK(run.succeeded());
    const ItemRun half =
        run_item(scope, shell("bash -c 'for ((i=0;i<300000;i++)); do :; done'; :"), limit(60));
    CHECK(run.user.value > 1.3 * half.user.value);
}

TEST_CASE("queueing for a core is no waiting, and waiting no queueing") {
    if (!scheduled(::getpid())) {
        WARN("SKIPPED: the kernel does not tell how long a process queued (/proc/PID/schedstat)");
        return;
    }
    const SamplingScope scope;
    const BusyMachine busy;
    const std::string loop = "for ((i=0;i<20000;i++)); do :; done";
    for (const std::string& work : {loop, fmt::format("bash -c '{0}'; bash -c '{0}'; :", loop)}) {
        INFO(work);
        Seconds held;  // on a core or queueing for one
        Seconds wall;
        for (int i = 0; i < 3; ++i) {
            const ItemRun run = run_item(scope, shell(work), limit(60));
            held += run.user + run.system + run.queued;
            wall += run.seconds;
        }
        CHECK(held / wall > 0.7);
    }
    const ItemRun asleep = run_item(scope, shell("exec sleep 0.3"), limit(60));
    CHECK((asleep.seconds - asleep.queued).value > 0.25);
}

TEST_CASE("a flood of output is counted, and only its start and its end are kept") {
    const SamplingScope scope;
    ItemLimits limits = limit(60);
    limits.keep_output = 1000;
    const ItemRun run = run_item(
        scope, shell("head -c 300000000 /dev/zero; echo the end; yes | head -c 5000000 >&2"),
        limits);
    CHECK(run.succeeded());
    CHECK(run.out_bytes == Bytes{300000008});
    CHECK(run.err_bytes == Bytes{5000000});
    CHECK(run.out.size() == 1000);
    CHECK_FALSE(run.output_complete);
    CHECK(run.out_tail.size() == 4096);
    CHECK(run.out_tail.substr(4096 - 8) == "the end\n");
}

TEST_CASE("bytes read and written are counted over the tree") {
    const SamplingScope scope;
    const ItemRun run =
        run_item(scope, shell("head -c 3000000 /dev/zero | cat > /dev/null; :"), limit(30));
    REQUIRE(run.io);
    CHECK(run.io->read >= Bytes{6000000});
    CHECK(run.io->written >= Bytes{3000000});
}

TEST_CASE("the peak memory of an item is found") {
    if (python_missing()) return;
    const SamplingScope scope;
    const ItemRun run =
        run_item(scope, command({"python3", "-c", "b = b'x' * (200 << 20)"}), limit(60));
    CHECK(run.succeeded());
    CHECK(run.peak_memory > kMiB * 195);
    CHECK(run.peak_memory < kMiB * 260);
}

TEST_CASE("memory that several processes hold at once adds up") {
    if (python_missing()) return;
    const SamplingScope scope;
    const std::string hold = "python3 -c \"import time; b = b'x' * (100 << 20); time.sleep(2)\"";
    const ItemRun run = run_item(scope, shell(fmt::format("{0} & {0} & wait", hold)), limit(60));
    CHECK(run.succeeded());
    CHECK(run.peak_memory > kMiB * 195);
    CHECK(run.peak_memory < kMiB * 280);
}

TEST_CASE("memory of a child that came and went counts") {
    if (python_missing()) return;
    const SamplingScope scope;
    const ItemRun run =
        run_item(scope, shell("python3 -c \"b = b'x' * (150 << 20)\"; sleep 0.3"), limit(60));
    CHECK(run.peak_memory > kMiB * 145);
    CHECK(run.peak_memory < kMiB * 200);
}

TEST_CASE("without cgroups the peak of a tree is sampled, and that of one process known") {
    if (python_missing()) return;
    const SamplingScope scope(false);
    const std::string hold = "python3 -c \"import time; b = b'x' * (100 << 20); time.sleep(3)\"";
    const ItemRun two = run_item(scope, shell(fmt::format("{0} & {0} & wait", hold)), limit(60));
    CHECK(two.memory_source == MemorySource::tree);
    CHECK(two.peak_memory > kMiB * 195);
    CHECK(two.peak_memory < kMiB * 280);
    CHECK(two.threads.value_or(0) >= 3);
    const ItemRun one =
        run_item(scope, shell("python3 -c \"b = b'x' * (150 << 20)\"; sleep 0.3"), limit(60));
    CHECK(one.peak_memory > kMiB * 145);
    CHECK(one.peak_memory < kMiB * 200);
}

TEST_CASE("files that pass through the page cache are no memory of the item") {
    const SamplingScope scope;
    const std::string path = fmt::format("/var/tmp/amorsize-test-{}", ::getpid());
    const ItemRun run = run_item(scope, shell("head -c 200000000 /dev/zero > " + path), limit(60));
    std::filesystem::remove(path);
    CHECK(run.succeeded());
    CHECK(run.peak_memory < kMiB * 60);
}

TEST_CASE("side by side, as many run as asked for") {
    const SamplingScope scope;
    int given = 0;
    const NextCommand next = [&](int) -> std::optional<ItemCommand> {
        if (given++ == 8) return std::nullopt;
        return command({"sleep", "0.3"});
    };
    const auto begin = Clock::now();
    const auto runs = run_side_by_side(scope, 4, next, limit(30), Clock::time_point::max());
    CHECK(runs.size() == 8);
    CHECK(seconds_between(begin, Clock::now()).value < 2.0);
    for (const ItemRun& run : runs) {
        CHECK(run.succeeded());
        CHECK(run.running_beside > 2.5);
        CHECK(run.running_beside <= 4.0001);
    }
}

TEST_CASE("the first failure ends its whole round") {
    const SamplingScope scope;
    const std::string nap = unique_sleep(5);
    int given = 0;
    const NextCommand next = [&](int slot) -> std::optional<ItemCommand> {
        ++given;
        return slot == 2 ? shell("sleep 0.2; exit 9") : command({"sleep", nap});
    };
    const auto runs = run_side_by_side(scope, 3, next, limit(30), Clock::time_point::max());
    REQUIRE(runs.size() == 3);
    CHECK(given == 3);
    CHECK(runs[0].ended == Ended::with_others);
    CHECK(runs[1].ended == Ended::with_others);
    CHECK(runs[2].exit_code == 9);
    CHECK(running_with(nap) == 0);
}

TEST_CASE("a round that runs out of time is ended") {
    const SamplingScope scope;
    const std::string nap = unique_sleep(6);
    const NextCommand next = [&](int) { return command({"sleep", nap}); };
    const auto runs =
        run_side_by_side(scope, 2, next, limit(30), Clock::now() + std::chrono::milliseconds(200));
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].ended == Ended::with_others);
    CHECK(running_with(nap) == 0);
}

TEST_CASE("an item is bound to the hardware threads it was given") {
    const SamplingScope scope;
    ItemCommand item = shell("grep Cpus_allowed_list /proc/self/status | cut -f2");
    item.pus = {0};
    CHECK(run_item(scope, item, limit(5)).out == "0\n");
}

TEST_CASE("no cgroup is left behind") {
    std::optional<CgroupBase> base;
    {
        const SamplingScope scope;
        base = scope.cgroups();
        run_item(scope, shell("setsid sleep 1000 & exit 0"), limit(5));
        run_item(scope, shell("sleep 1000"), limit(0.1));
    }
    if (!base) {
        WARN("SKIPPED: no memory cgroup may be made here");
        return;
    }
    for (const auto& entry : std::filesystem::directory_iterator(base->path)) {
        CHECK(entry.path().filename().string().rfind(fmt::format("amorsize-{}-", ::getpid()), 0) !=
              0);
    }
}

namespace {

/// Runs a long item in a process of its own, sends it `signal`, and tells how that process ended.
int status_after(int signal, const std::string& nap) {
    const pid_t advisor = ::fork();
    if (advisor == 0) {
        ::signal(signal, SIG_DFL);  // Catch2 has its own handlers
        {
            const SamplingScope scope;
            try {
                run_item(
                    scope,
                    shell(fmt::format("trap '' TERM INT HUP; setsid sleep {0} & sleep {0}", nap)),
                    limit(60));
            } catch (const Interrupted&) {
            }
        }
        ::_exit(42);
    }
    for (int tries = 0; tries < 500 && running_with(nap) < 3; ++tries) {
        ::usleep(10000);
    }
    CHECK(running_with(nap) >= 2);
    ::kill(advisor, signal);
    int status = 0;
    ::waitpid(advisor, &status, 0);
    return status;
}

bool gone_within(const std::string& nap, std::chrono::seconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (running_with(nap) > 0 && std::chrono::steady_clock::now() < end) ::usleep(10000);
    return running_with(nap) == 0;
}

}  // namespace

TEST_CASE("SIGINT and SIGTERM end every process first, then the advisor as signals do") {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const std::string nap = unique_sleep(10 + signal);
        const int status = status_after(signal, nap);
        CHECK(running_with(nap) == 0);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == signal);
    }
}

TEST_CASE("an advisor that is killed outright leaves no process behind") {
    const std::string nap = unique_sleep(7);
    status_after(SIGKILL, nap);
    CHECK(gone_within(nap, std::chrono::seconds(10)));
}
