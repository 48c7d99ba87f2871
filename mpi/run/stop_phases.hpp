#pragma once

#include <optional>

#include "advisor/core/units.hpp"
#include "mpi/run/clock.hpp"

namespace amorsize::run {

/// How a run stops before its end: what still runs gets a grace, then SIGTERM, then SIGKILL.
class StopPhases {
public:
    bool stopping() const { return phase_ != Phase::running; }
    /// The signal that stopped the run; 0 if none did.
    int signal() const { return signal_; }

    /// A signal asks for the stop. A second one ends the grace; SIGUSR1 does not, because it warns
    /// of a time limit and may come more than once.
    void ask(int signal, Seconds grace);
    /// Without a signal and without a grace.
    void begin_now();
    /// The signal to send now to all that still runs, if one is due.
    std::optional<int> take_due();
    /// When the next one is due. Only once stopping.
    SteadyClock::time_point next_due() const { return phase_ends_; }

private:
    enum class Phase { running, waiting, terminating, killing };

    Phase phase_ = Phase::running;
    SteadyClock::time_point phase_ends_{};
    int signal_ = 0;
};

}  // namespace amorsize::run
