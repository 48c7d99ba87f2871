#include "advisor/measure/spawn_cost.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "advisor/measure/pinned_threads.hpp"

namespace amorsize::measure {

namespace {

constexpr std::size_t kFewest = 5;
constexpr std::size_t kMost = 200;

// A measurement that the system refuses: becomes an Unmeasured.
[[noreturn]] void refuse(const std::string& what, int error) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(error)));
}

Seconds time_of(const std::function<void()>& action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    return since(start);
}

std::vector<double> repeat(Seconds budget, const std::function<void()>& action) {
    const auto start = std::chrono::steady_clock::now();
    action();  // the first one pays for page faults and cold caches
    std::vector<double> seconds;
    while (seconds.size() < kFewest || (seconds.size() < kMost && since(start) < budget)) {
        seconds.push_back(time_of(action).value);
    }
    return seconds;
}

void wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return;  // a handler of SIGCHLD took it: it has ended all the same
    }
}

void spawn_true() {
    std::array<char, 5> name{"true"};
    std::array<char*, 2> argv{name.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    int error = ENOENT;
    pid_t child = 0;
    for (const char* path : {"/bin/true", "/usr/bin/true"}) {
        error = posix_spawn(&child, path, nullptr, nullptr, argv.data(), environment.data());
        if (error == 0) break;
    }
    if (error != 0) refuse("posix_spawn of true", error);
    wait_for(child);
}

void fork_once() {
    const pid_t child = fork();
    if (child < 0) refuse("fork", errno);
    if (child == 0) _exit(0);
    wait_for(child);
}

// Memory of this process with every page touched.
class TouchedMemory {
public:
    explicit TouchedMemory(std::size_t size) : size_(size) {
        start_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start_ == MAP_FAILED) refuse(fmt::format("mmap of {} bytes", size), errno);
        constexpr std::size_t kPage = 4096;
        auto* bytes = static_cast<volatile char*>(start_);
        for (std::size_t i = 0; i < size; i += kPage) bytes[i] = 1;
    }
    ~TouchedMemory() { munmap(start_, size_); }
    TouchedMemory(const TouchedMemory&) = delete;
    TouchedMemory& operator=(const TouchedMemory&) = delete;

private:
    std::size_t size_;
    void* start_ = nullptr;
};

double least_squares_slope(const std::vector<double>& x, const std::vector<double>& y) {
    const auto n = static_cast<double>(x.size());
    double sum_x = 0, sum_y = 0, sum_xy = 0, sum_xx = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum_x += x[i];
        sum_y += y[i];
        sum_xy += x[i] * y[i];
        sum_xx += x[i] * x[i];
    }
    return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

void measure_fork(const UsableMemory& memory, Seconds budget, SpawnReport& report) {
    constexpr Bytes kLargest{256 * kMiB.value};
    constexpr Bytes kTooSmall{24 * kMiB.value};
    const Bytes largest = std::min(kLargest, memory.available / 8);
    if (largest < kTooSmall) {
        report.unmeasured.push_back(
            {"fork at a resident size",
             fmt::format("{} MiB of memory are usable", memory.available.value / kMiB.value)});
        return;
    }
    std::vector<double> gib;
    std::vector<std::vector<double>> seconds;  // by size, then by repetition
    for (double share : {0.25, 0.5, 1.0}) {
        const Bytes size = largest * share;
        const TouchedMemory touched(static_cast<std::size_t>(size.value));
        gib.push_back(size / kGiB);
        seconds.push_back(repeat(budget / 8, fork_once));
    }
    std::size_t repetitions = kMost;
    for (const auto& of_size : seconds) repetitions = std::min(repetitions, of_size.size());
    std::vector<double> slopes;
    for (std::size_t i = 0; i < repetitions; ++i) {
        slopes.push_back(least_squares_slope(gib, {seconds[0][i], seconds[1][i], seconds[2][i]}));
    }
    const Measured<Seconds> slope = summarise<Seconds>(slopes);
    if (slope.value.value > 0) {
        report.fork_per_gib = slope;
    } else {
        report.unmeasured.push_back({"fork at a resident size", "the difference is lost in noise"});
    }
}

void attempt(SpawnReport& report, const char* what, const std::function<void()>& measurement) {
    try {
        measurement();
    } catch (const std::system_error& error) {
        report.unmeasured.push_back({what, error.what()});
    } catch (const std::runtime_error& error) {
        report.unmeasured.push_back({what, error.what()});
    }
}

}  // namespace

SpawnReport measure_spawn(const UsableMemory& memory, Seconds budget) {
    SpawnReport report;
    attempt(report, "process start",
            [&] { report.exec = summarise<Seconds>(repeat(budget * 0.3, spawn_true)); });
    attempt(report, "fork", [&] { measure_fork(memory, budget * 0.5, report); });
    attempt(report, "thread start", [&] {
        report.thread = summarise<Seconds>(repeat(budget * 0.1, [] { std::thread([] {}).join(); }));
    });
    return report;
}

std::optional<SpawnCost> spawn_cost(const SpawnReport& report) {
    if (!report.exec && !report.fork_per_gib && !report.thread) return std::nullopt;
    const auto value = [](const auto& figure) {
        return figure ? std::optional(figure->value) : std::nullopt;
    };
    return SpawnCost{value(report.exec), value(report.fork_per_gib), value(report.thread)};
}

}  // namespace amorsize::measure
