#pragma once

#include <functional>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/measure/usable_cpus.hpp"

namespace amorsize::probe {

/// The child's side: tells the supervisor how far it has come. Does nothing in a process that was
/// not started by one. Where it crashes a child stands still, for a launcher that sees the end of
/// one rank ends all of them.
class Status {
public:
    explicit Status(const measure::EnvironmentLookup&);

    /// Whether this process is a supervisor's child.
    bool supervised() const { return descriptor_ >= 0; }
    void mpi_started() const;
    /// All ranks have found each other: nothing that follows waits for one that is lost.
    void ranks_met() const;
    /// All that this rank had to say is said.
    void finished() const;

private:
    void tell(char what) const;
    int descriptor_ = -1;
};

/// How the child ended.
struct ChildEnd {
    enum class Way {
        finished,     ///< by itself, having said all
        failed,       ///< it was killed, or MPI ended it
        crashed,      ///< it stands still where it crashed, to go with this process
        stuck,        ///< ranks did not meet: it was stopped, to go with this process
        out_of_time,  ///< by us, at the limit
        told_to_stop  ///< by us, as a signal asked
    };
    Way way = Way::failed;
    bool mpi_started = false;
    bool ranks_met = false;
    int exit_code = 0;  ///< 128 + signal if one ended it
    std::string text;   ///< "was ended by signal 9 (Killed)", "ended with exit code 1"

    /// Its end will be ours, and the launcher will see it.
    bool stands_still() const { return way == Way::crashed || way == Way::stuck; }
};

/// How long the child may take.
struct Limits {
    Seconds meeting;  ///< until it has told that all ranks met
    Seconds all;
    /// Asked each second until ranks have met: whether others no longer try.
    std::function<bool()> meeting_is_off;
};

/// Starts this program again with the same arguments and waits for its end. MPI may take a process
/// down in the middle of a call, or never return from one: this one lives on without MPI, and can
/// still put together what others reported. Throws Error (environment) if it cannot start.
ChildEnd supervise(const std::vector<std::string>& argv,
                   const std::vector<std::string>& environment, const Limits&);

/// Waits for a signal to stop, or until it is over, at most so long: an early end takes all ranks
/// down. `is_over` is asked each second.
void wait_for_stop(Seconds limit, const std::function<bool()>& is_over);

}  // namespace amorsize::probe
