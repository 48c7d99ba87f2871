#include "mpi/run/stop_phases.hpp"

#include <csignal>

namespace amorsize::run {

namespace {

constexpr auto kTermToKill = std::chrono::milliseconds(1500);

}  // namespace

void StopPhases::ask(int signal, Seconds grace) {
    const auto now = SteadyClock::now();
    if (phase_ == Phase::running) {
        signal_ = signal;
        phase_ = Phase::waiting;
        phase_ends_ = now + steady(grace);
    } else if (phase_ == Phase::waiting && signal != SIGUSR1) {
        phase_ends_ = now;
    }
}

void StopPhases::begin_now() {
    phase_ = Phase::waiting;
    phase_ends_ = SteadyClock::now();
}

std::optional<int> StopPhases::take_due() {
    const auto now = SteadyClock::now();
    if (phase_ == Phase::running || now < phase_ends_) return std::nullopt;
    const bool first = phase_ == Phase::waiting;
    phase_ = first ? Phase::terminating : Phase::killing;
    phase_ends_ = now + kTermToKill;
    return first ? SIGTERM : SIGKILL;
}

}  // namespace amorsize::run
