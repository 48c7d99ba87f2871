#include "advisor/measure/item_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace amorsize::measure {

namespace {

constexpr auto kFirstLook = std::chrono::milliseconds(20);
constexpr auto kShortestPause = std::chrono::milliseconds(50);
constexpr int kCostFactor = 100;  // 1 % of the time at most
constexpr double kNearPeak = 0.8;
constexpr double kNoMore = 1.02;
constexpr Bytes kMappedWorthReading = kMiB * 4;
constexpr double kOwnPeakMargin = 1.25;  // we grow before the child starts, and /proc lags behind
constexpr double kSeenEnough = 2.0 / 3;  // of a tree's CPU time, to speak for all of it

Seconds seconds(timeval time) {
    return {static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec)};
}

Bytes own_memory() {
    long long whole = 0;
    long long resident = 0;
    std::ifstream("/proc/self/statm") >> whole >> resident;
    return Bytes{::sysconf(_SC_PAGESIZE) * resident};
}

/// Makes the kernel forget the peak of our own memory, so that what we hold now is the peak.
/// Without that a small item after a measurement of bandwidth would seem to need that measurement's
/// arrays. Where the kernel does not offer it, the peak stays.
Bytes forget_own_peak() {
    constexpr std::string_view kForgetPeak = "5";
    const int fd = ::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    const bool forgotten = fd >= 0 && ::write(fd, kForgetPeak.data(), kForgetPeak.size()) == 1;
    if (fd >= 0) ::close(fd);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const Bytes peak = kKiB * static_cast<double>(usage.ru_maxrss);
    return forgotten ? std::min(peak, own_memory()) : peak;
}

Seconds own_cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return {static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec)};
}

std::optional<ItemCgroup> make_group(const SamplingScope& scope) {
    static std::atomic<int> number{0};
    if (!scope.cgroups()) return std::nullopt;
    return ItemCgroup::make(*scope.cgroups(), fmt::format("amorsize-{}-{}", ::getpid(), ++number));
}

}  // namespace

LookingPace::LookingPace(Clock::time_point start) : next_(start + kFirstLook) {}

void LookingPace::looked(Seconds cost) {
    const auto pause = std::chrono::duration<double>(cost.value * kCostFactor);
    next_ = Clock::now() + std::max<Clock::duration>(
                               kShortestPause, std::chrono::duration_cast<Clock::duration>(pause));
}

RunningItem::RunningItem(const SamplingScope& scope, const ItemCommand& command,
                         const ItemLimits& limits, int in)
    : RunningItem(scope, command, limits, in, open_pipe(), open_pipe()) {}

RunningItem::RunningItem(const SamplingScope& scope, const ItemCommand& command,
                         const ItemLimits& limits, int in, Pipe out, Pipe err)
    : own_peak_(forget_own_peak()),
      cgroup_(make_group(scope)),
      out_(std::move(out.read_end), limits.keep_output),
      err_(std::move(err.read_end), limits.keep_output),
      anyone_queued_before_(anyone_queued()),
      pace_(Clock::now()) {
    ChildRequest request;
    request.argv = command.argv;
    request.environment = command.environment;
    request.environment.push_back(scope.mark());
    request.directory = command.directory;
    request.in = in;
    request.out = out.write_end.get();
    request.err = err.write_end.get();
    request.cgroup_procs = cgroup_ ? cgroup_->procs() : -1;
    request.pus = command.pus;
    request.signal_mask = scope.signal_mask();
    child_ = start_child(request);
    deadline_ = child_.started + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(limits.time.value));
    pace_ = LookingPace(child_.started);
}

void RunningItem::look() {
    const Seconds before = own_cpu_time();
    if (cgroup_) {
        peak_seen_ = std::max(peak_seen_, cgroup_->in_use());
        threads_seen_ = std::max(threads_seen_, cgroup_->threads());
        remember(usage_of(cgroup_->processes()));
    } else {
        const TreeUsage usage = tree_usage(child_.pid);
        peak_seen_ = std::max(peak_seen_, usage.memory);
        threads_seen_ = std::max(threads_seen_, usage.threads);
        remember(usage);
    }
    pace_.looked(own_cpu_time() - before);
}

void RunningItem::remember(const TreeUsage& usage) {
    for (const pid_t pid : usage.processes) look_at(pid);
    mapped_.own = std::max(mapped_.own, usage.anonymous);
    if (usage.resident <= fullest_ * kNoMore) return;
    fullest_ = usage.resident;
    const bool maps_much = usage.resident - usage.anonymous >= kMappedWorthReading;
    mapped_.files = maps_much ? mapped_files(usage.processes) : MappedFiles{};
}

void RunningItem::look_at(pid_t pid) {
    if (const auto now = scheduled(pid)) scheduled_[pid] = *now;
}

bool RunningItem::has_ended() const {
    siginfo_t info{};
    const int status =
        ::waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED | WNOHANG | WNOWAIT);
    return status == 0 && info.si_pid == child_.pid;
}

void RunningItem::settle_memory(ItemRun& run, Bytes largest_process) const {
    // A child made by vfork starts with our own peak in ru_maxrss; up to that it says nothing.
    const bool its_own = largest_process > own_peak_ * kOwnPeakMargin;
    const Bytes one_process = its_own || !cgroup_ ? largest_process : Bytes{};
    run.peak_memory = one_process;
    run.memory_source = MemorySource::largest_process;
    if (peak_seen_ > run.peak_memory) {
        run.peak_memory = peak_seen_;
        run.memory_source = MemorySource::tree;
    }
    if (!cgroup_) return;
    // File pages still charged at the end were charged at the peak or later, so what is left is at
    // most what the tree itself held then.
    const Bytes held = cgroup_->peak() - cgroup_->page_cache();
    if (held >= run.peak_memory) {
        run.peak_memory = held;
        run.memory_source = MemorySource::cgroup;
    }
}

/// The scheduler's own figures where most of the tree's work was done by processes that could be
/// looked at; the rest is taken to have queued as long for its CPU time. Where most of it was done
/// by short-lived processes, that is a guess, and no longer than anyone here was queueing.
Seconds RunningItem::queued(Seconds cpu) const {
    Scheduled seen;
    for (const auto& [pid, process] : scheduled_) {
        seen.on_cpu += process.on_cpu;
        seen.queued += process.queued;
    }
    const bool any_seen = seen.on_cpu.value > 0;
    const Seconds like_those =
        any_seen ? seen.queued * std::max(1.0, cpu / seen.on_cpu) : Seconds{};
    const auto now = anyone_queued();
    if (!now || !anyone_queued_before_ || seen.on_cpu >= cpu * kSeenEnough) return like_those;
    const Seconds anyone = *now - *anyone_queued_before_;
    return any_seen ? std::min(like_those, anyone) : anyone;
}

ItemRun RunningItem::finish(Clock::time_point end, Ended how, Seconds late) {
    ItemRun run;
    run.ended = how;
    if (child_.pid < 0) {
        run.ended = Ended::not_started;
        run.start_error = child_.error;
        run.start_failed = child_.failed;
        return run;
    }
    run.seconds = seconds_between(child_.started, end) - child_.joining;
    run.io = read_written(child_.pid);
    if (run.io) run.io->written -= child_.written;
    look_at(child_.pid);
    int status = 0;
    rusage usage{};
    while (::wait4(child_.pid, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    out_.read_available(std::size_t{1} << 30);
    err_.read_available(std::size_t{1} << 30);

    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    run.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (how == Ended::by_itself && run.signal != 0) run.ended = Ended::by_signal;
    run.user = seconds(usage.ru_utime);
    run.system = seconds(usage.ru_stime);
    const Seconds cpu = run.user + run.system;
    run.queued = std::clamp(queued(cpu) + late, Seconds{}, std::max(run.seconds - cpu, Seconds{}));
    run.read_from_disk = usage.ru_majflt > 0 || usage.ru_inblock > 0;
    settle_memory(run, kKiB * static_cast<double>(usage.ru_maxrss));
    run.process = child_.pid;
    if (fullest_ > run.peak_memory * kNearPeak) run.mapped = std::move(mapped_);
    if (threads_seen_ > 0) run.threads = threads_seen_;
    run.out_bytes = out_.total();
    run.err_bytes = err_.total();
    run.out = out_.kept();
    run.err = err_.kept();
    run.output_complete = out_.complete() && err_.complete();
    run.out_tail = out_.tail();
    run.err_tail = err_.tail();
    return run;
}

}  // namespace amorsize::measure
