#include "mpi/probe/supervisor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>

#include "advisor/core/error.hpp"
#include "advisor/measure/child_process.hpp"

namespace amorsize::probe {

namespace {

constexpr const char* kStatusVariable = "AMORSIZE_PROBE_STATUS";
constexpr char kMpiStarted = 'm';
constexpr char kRanksMet = 'r';
constexpr char kCrashed = 'c';  // the signal's number follows
constexpr char kFinished = 'f';
constexpr Seconds kBetweenLooks{1};
constexpr const char* kSelf = "/proc/self/exe";

/// Signals that sigtimedwait() takes, blocked meanwhile.
class AwaitedSignals {
public:
    AwaitedSignals() {
        sigemptyset(&set_);
        for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
        sigprocmask(SIG_BLOCK, &set_, &original_);
    }
    AwaitedSignals(const AwaitedSignals&) = delete;
    AwaitedSignals& operator=(const AwaitedSignals&) = delete;
    ~AwaitedSignals() { sigprocmask(SIG_SETMASK, &original_, nullptr); }

    /// The next one, or -1 at the deadline.
    int next(measure::Clock::time_point deadline) const {
        for (;;) {
            const double left = measure::seconds_between(measure::Clock::now(), deadline).value;
            if (left <= 0) return -1;
            const double whole = std::floor(left);
            const timespec wait{static_cast<time_t>(whole),
                                static_cast<long>((left - whole) * 1e9)};
            const int signal = sigtimedwait(&set_, nullptr, &wait);
            if (signal > 0) return signal;
        }
    }
    const sigset_t& original() const { return original_; }

private:
    sigset_t set_{};
    sigset_t original_{};
};

measure::Clock::time_point after(Seconds limit) {
    return measure::Clock::now() + std::chrono::duration_cast<measure::Clock::duration>(
                                       std::chrono::duration<double>(limit.value));
}

void note_signal(ChildEnd& end, int signal) {
    end.exit_code = 128 + signal;
    end.text = fmt::format("was ended by signal {} ({})", signal, strsignal(signal));
}

void note_status(ChildEnd& end, int status) {
    if (WIFSIGNALED(status)) return note_signal(end, WTERMSIG(status));
    end.exit_code = WEXITSTATUS(status);
    end.text = fmt::format("ended with exit code {}", end.exit_code);
}

/// Where stand_still() tells of a crash.
volatile int crash_descriptor = -1;

/// A signal's handler. The launcher's ears in this process stay open, and hear nothing.
void stand_still(int signal) {
    const std::array<char, 2> told{kCrashed, static_cast<char>(signal)};
    const ssize_t ignored = write(crash_descriptor, told.data(), told.size());
    static_cast<void>(ignored);
    kill(getpid(), SIGSTOP);
}

/// What the child has told up to now. Its own children may hold the pipe open: no waiting.
std::string told(int descriptor) {
    std::string text(16, '\0');
    const ssize_t got = read(descriptor, text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
}

bool says(const std::string& text, char what) {
    return text.find(what) != std::string::npos;
}

/// The signal of a crash that was told of; 0 for none.
int crash_in(const std::string& text) {
    const std::size_t at = text.find(kCrashed);
    return at != std::string::npos && at + 1 < text.size() ? text[at + 1] : 0;
}

/// A child of ours until its end.
class Watched {
public:
    Watched(pid_t pid, int status_pipe, const Limits& limits)
        : pid_(pid),
          pipe_(status_pipe),
          limits_(limits),
          meeting_(after(limits.meeting)),
          all_(after(limits.all)) {
        fcntl(pipe_, F_SETFL, O_NONBLOCK);
    }

    ChildEnd watch(const AwaitedSignals& signals) {
        ChildEnd end;
        std::optional<ChildEnd::Way> ended_by_us;
        while (!has_ended(end, ended_by_us ? 0 : WNOHANG)) {
            const int signal = signals.next(std::min(deadline(), after(kBetweenLooks)));
            told_ += told(pipe_);
            if (const int crash = crash_in(told_)) {
                note_signal(end, crash);
                return ended(end, ChildEnd::Way::crashed);
            }
            if (signal == SIGCHLD || (signal < 0 && may_go_on())) continue;
            if (signal < 0 && !says(told_, kRanksMet)) {
                kill(-pid_, SIGSTOP);
                end.text = "did not meet the others";
                return ended(end, ChildEnd::Way::stuck);
            }
            ended_by_us = signal < 0 ? ChildEnd::Way::out_of_time : ChildEnd::Way::told_to_stop;
            kill(-pid_, SIGKILL);
        }
        told_ += told(pipe_);
        return ended(end, ended_by_us.value_or(ChildEnd::Way::failed));
    }

private:
    measure::Clock::time_point deadline() const { return says(told_, kRanksMet) ? all_ : meeting_; }
    bool may_go_on() const {
        if (measure::Clock::now() >= deadline()) return false;
        return says(told_, kRanksMet) || !limits_.meeting_is_off();
    }
    ChildEnd ended(ChildEnd end, ChildEnd::Way way) const {
        end.mpi_started = says(told_, kMpiStarted);
        end.ranks_met = says(told_, kRanksMet);
        end.way = says(told_, kFinished) ? ChildEnd::Way::finished : way;
        return end;
    }
    bool has_ended(ChildEnd& end, int options) const {
        int status = 0;
        pid_t ended = 0;
        do {
            ended = waitpid(pid_, &status, options);
        } while (ended < 0 && errno == EINTR);
        if (ended == pid_) note_status(end, status);
        return ended != 0;
    }

    pid_t pid_;
    int pipe_;
    const Limits& limits_;
    measure::Clock::time_point meeting_;
    measure::Clock::time_point all_;
    std::string told_;
};

}  // namespace

Status::Status(const measure::EnvironmentLookup& lookup) {
    const std::string number = lookup(kStatusVariable).value_or("");
    std::from_chars(number.data(), number.data() + number.size(), descriptor_);
    // What we start must not take itself for this rank.
    if (!supervised()) return;
    unsetenv(kStatusVariable);
    fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
    crash_descriptor = descriptor_;
    // Open MPI leaves signals alone that someone handles.
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
        std::signal(signal, stand_still);
}

void Status::mpi_started() const {
    tell(kMpiStarted);
}

void Status::ranks_met() const {
    tell(kRanksMet);
}

void Status::finished() const {
    tell(kFinished);
}

void Status::tell(char what) const {
    if (descriptor_ < 0) return;
    const ssize_t ignored = write(descriptor_, &what, 1);
    static_cast<void>(ignored);
}

ChildEnd supervise(const std::vector<std::string>& argv,
                   const std::vector<std::string>& environment, const Limits& limits) {
    const AwaitedSignals signals;
    measure::Pipe status = measure::open_pipe();
    fcntl(status.write_end.get(), F_SETFD, 0);
    measure::ChildRequest request;
    request.argv = argv;
    // By its own name, so that both show as amorsize-probe to people.
    std::error_code unreadable;
    const auto program = std::filesystem::read_symlink(kSelf, unreadable);
    request.argv.front() = unreadable ? kSelf : program.string();
    request.environment = environment;
    request.environment.push_back(fmt::format("{}={}", kStatusVariable, status.write_end.get()));
    request.in = STDIN_FILENO;
    request.out = STDOUT_FILENO;
    request.err = STDERR_FILENO;
    request.signal_mask = signals.original();
    const measure::StartedChild child = measure::start_child(request);
    if (child.pid < 0) {
        throw Error(ExitCode::environment,
                    fmt::format("cannot start {} again: {}", kSelf, std::strerror(child.error)));
    }

    return Watched(child.pid, status.read_end.get(), limits).watch(signals);
}

void wait_for_stop(Seconds limit, const std::function<bool()>& is_over) {
    const AwaitedSignals signals;
    const auto deadline = after(limit);
    for (int signal = -1; signal < 0 || signal == SIGCHLD;) {
        if (measure::Clock::now() >= deadline || is_over()) return;
        signal = signals.next(std::min(deadline, after(kBetweenLooks)));
    }
}

}  // namespace amorsize::probe
