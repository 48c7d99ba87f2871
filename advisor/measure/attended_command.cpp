#include "advisor/measure/attended_command.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "advisor/measure/child_process.hpp"

namespace amorsize::measure {

namespace {

constexpr std::chrono::milliseconds kLook{200};

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

    Pieces pieces(command.heard);
    Stopping stopping(child.pid, command.grace);
    while (out.read_end.is_open() || err.read_end.is_open()) {
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
    result.timed_out = stopping.begun();
    result.status = status_of(child);
    return result;
}

}  // namespace amorsize::measure
