#include "advisor/measure/attended_command.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

#include "advisor/measure/child_process.hpp"

namespace amorsize::measure {

namespace {

constexpr std::chrono::milliseconds kLook{200};
constexpr std::chrono::seconds kForRest{2};
constexpr int kMostGenerations = 3;

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        ::sigaction(signal, nullptr, &action);
        if (action.sa_handler != SIG_IGN) sigaddset(&set, signal);
    }
    return set;
}

/// Hands on what has come so far, piece by piece, and keeps the rest.
class Pieces {
public:
    explicit Pieces(const std::function<void(const std::string&)>& heard) : heard_(heard) {}

    void add(std::string_view text) {
        for (const char character : text) {
            if (character != '\n' && character != '\r') {
                piece_ += character;
            } else {
                flush();
            }
        }
    }
    void flush() {
        if (!piece_.empty() && heard_) heard_(piece_);
        piece_.clear();
    }

private:
    const std::function<void(const std::string&)>& heard_;
    std::string piece_;
};

/// Asks a process group to stop, more firmly as time passes.
class Stopping {
public:
    Stopping(pid_t group, Seconds grace) : group_(group), grace_(grace) {}

    bool begun() const { return begun_.has_value(); }
    void press() {
        const auto now = Clock::now();
        if (!begun_) begun_ = now;
        const Seconds passed = seconds_between(*begun_, now);
        // srun reports on the first SIGINT and stops on a second one within a second.
        const int wanted = passed >= grace_ ? 3 : passed.value >= 0.3 ? 2 : 1;
        if (wanted <= pressed_) return;
        pressed_ = wanted;
        ::kill(-group_, wanted == 3 ? SIGKILL : SIGINT);
    }

private:
    pid_t group_;
    Seconds grace_;
    std::optional<Clock::time_point> begun_;
    int pressed_ = 0;
};

/// Tells when a child has been at its end for long enough that what it left running is not coming
/// to an end by itself: srun waits for ever for a node that is dead, after salloc and the job are
/// gone.
class End {
public:
    explicit End(pid_t child) : child_(child) {}

    bool is_past() {
        siginfo_t info{};
        const bool ended =
            ::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == child_;
        if (!ended) return false;
        seen_ = std::min(seen_, Clock::now());
        return Clock::now() - seen_ > kForRest;
    }

private:
    pid_t child_;
    Clock::time_point seen_ = Clock::time_point::max();
};

std::set<pid_t> own_children() {
    std::ifstream file(fmt::format("/proc/self/task/{}/children", ::getpid()));
    return {std::istream_iterator<pid_t>(file), {}};
}

/// Kills what has become our child as its parent ended; not those that `stay`.
void end_orphans(const std::set<pid_t>& stay) {
    for (int generation = 0; generation < kMostGenerations; ++generation) {
        for (const pid_t pid : own_children()) {
            if (stay.contains(pid)) continue;
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
    }
}

}  // namespace

HeldSignals::HeldSignals() {
    const sigset_t stops = stop_signals();
    ::sigprocmask(SIG_BLOCK, &stops, &before_);
    waiting_ = FileDescriptor(::signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK));
}

HeldSignals::~HeldSignals() {
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool HeldSignals::came() const {
    pollfd end{waiting_.get(), POLLIN, 0};
    return ::poll(&end, 1, 0) > 0;
}

CommandResult run_attended(const AttendedCommand& command, const HeldSignals& signals) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::set<pid_t> children = own_children();
    Pipe out = open_pipe();
    Pipe err = open_pipe();
    ChildRequest request;
    request.argv = command.argv;
    request.environment = command.environment;
    request.out = out.write_end.get();
    request.err = err.write_end.get();
    request.signal_mask = signals.mask_before();
    const StartedChild child = start_child(request);
    CommandResult result;
    if (child.pid < 0) {
        result.status = 127;
        result.err = command.argv.front() + ": " + std::strerror(child.error);
        return result;
    }
    out.write_end.reset();
    err.write_end.reset();

    children.insert(child.pid);
    Pieces pieces(command.heard);
    Stopping stopping(child.pid, command.grace);
    End end(child.pid);
    while ((out.read_end.is_open() || err.read_end.is_open()) && !end.is_past()) {
        std::array<pollfd, 3> ends{{{out.read_end.get(), POLLIN, 0},
                                    {err.read_end.get(), POLLIN, 0},
                                    {stopping.begun() ? -1 : signals.descriptor(), POLLIN, 0}}};
        ::poll(ends.data(), ends.size(), static_cast<int>(kLook.count()));
        if (ends[0].revents != 0) result.out += take(out.read_end);
        if (ends[1].revents != 0) {
            const std::string text = take(err.read_end);
            result.err += text;
            pieces.add(text);
        }
        const bool asked = (command.give_up && command.give_up()) || signals.came();
        if (stopping.begun() || asked) stopping.press();
    }
    pieces.flush();
    end_orphans(children);
    result.timed_out = stopping.begun();
    result.status = status_of(child);
    return result;
}

}  // namespace amorsize::measure
