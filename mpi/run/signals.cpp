#include "mpi/run/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "advisor/core/error.hpp"

namespace amorsize::run {

bool stops_a_run(int signal) {
    return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGUSR1;
}

std::string signal_name(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name != nullptr ? std::string("SIG") + name : fmt::format("signal {}", signal);
}

BlockedSignals::BlockedSignals() {
    sigset_t ours;
    sigemptyset(&ours);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGTSTP})
        sigaddset(&ours, number);
    ::pthread_sigmask(SIG_BLOCK, &ours, &original_);
    fd_ = ::signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
    // A worker that has gone shows as an error of write.
    ignored_broken_pipes_ = ::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
}

BlockedSignals::~BlockedSignals() {
    ::close(fd_);
}

void stop_after(Seconds time) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    timer_t timer{};
    const auto whole = static_cast<std::time_t>(time.value);
    itimerspec when{};
    when.it_value = {whole, static_cast<long>((time.value - static_cast<double>(whole)) * 1e9)};
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
        ::timer_settime(timer, 0, &when, nullptr) != 0) {
        throw Error(ExitCode::environment,
                    fmt::format("no timer for --stop-after: {}", std::strerror(errno)));
    }
}

BlockedSignals::Arrived BlockedSignals::read() const {
    Arrived arrived;
    std::array<signalfd_siginfo, 8> infos;
    const ssize_t got = ::read(fd_, infos.data(), sizeof infos);
    for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got) / sizeof infos[0]; ++i) {
        const int number = static_cast<int>(infos[i].ssi_signo);
        if (number == SIGCHLD) {
            arrived.child = true;
        } else if (number == SIGTSTP) {
            arrived.suspend = true;
        } else {
            arrived.stop = number;
        }
    }
    return arrived;
}

}  // namespace amorsize::run
