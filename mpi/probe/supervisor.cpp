#include "mpi/probe/supervisor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

void note_status(ChildEnd& end, int status) {
    if (WIFEXITED(status)) {
        end.exit_code = WEXITSTATUS(status);
        end.text = fmt::format("ended with exit code {}", end.exit_code);
    } else {
        end.exit_code = 128 + WTERMSIG(status);
        end.text = fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                               strsignal(WTERMSIG(status)));
    }
}

/// All the child told, after its end. Its own children may hold the pipe open: no waiting.
std::string told(int descriptor) {
    std::string text(16, '\0');
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    const ssize_t got = read(descriptor, text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
}

}  // namespace

Status::Status(const measure::EnvironmentLookup& lookup) {
    const std::string number = lookup(kStatusVariable).value_or("");
    std::from_chars(number.data(), number.data() + number.size(), descriptor_);
    // What we start must not take itself for this rank.
    if (supervised()) {
        unsetenv(kStatusVariable);
        fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
    }
}

void Status::tell(char what) const {
    if (descriptor_ < 0) return;
    const ssize_t ignored = write(descriptor_, &what, 1);
    static_cast<void>(ignored);
}

ChildEnd supervise(const std::vector<std::string>& argv,
                   const std::vector<std::string>& environment, Seconds limit) {
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

    ChildEnd end;
    const auto deadline = after(limit);
    std::optional<ChildEnd::Way> ended_by_us;
    for (int wait_status = 0;;) {
        const pid_t ended = waitpid(child.pid, &wait_status, ended_by_us ? 0 : WNOHANG);
        if (ended == child.pid) {
            note_status(end, wait_status);
            break;
        }
        if (ended < 0 && errno != EINTR) break;
        if (ended_by_us) continue;
        const int signal = signals.next(deadline);
        if (signal == SIGCHLD) continue;
        ended_by_us = signal < 0 ? ChildEnd::Way::out_of_time : ChildEnd::Way::told_to_stop;
        kill(-child.pid, SIGKILL);
    }
    const std::string status_text = told(status.read_end.get());
    end.mpi_started = status_text.find('m') != std::string::npos;
    if (status_text.find('f') != std::string::npos) {
        end.way = ChildEnd::Way::finished;
    } else {
        end.way = ended_by_us.value_or(ChildEnd::Way::failed);
    }
    return end;
}

void wait_for_stop(Seconds limit) {
    const AwaitedSignals signals;
    const auto deadline = after(limit);
    for (int signal = SIGCHLD; signal == SIGCHLD;) signal = signals.next(deadline);
}

}  // namespace amorsize::probe
