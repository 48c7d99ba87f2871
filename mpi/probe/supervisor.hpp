#pragma once

#include <string>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/measure/usable_cpus.hpp"

namespace amorsize::probe {

/// The child's side: tells the supervisor how far it has come. Does nothing in a process that was
/// not started by one.
class Status {
public:
    explicit Status(const measure::EnvironmentLookup&);

    /// Whether this process is a supervisor's child.
    bool supervised() const { return descriptor_ >= 0; }
    void mpi_started() const;
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
        failed,       ///< it crashed, was killed, or MPI ended it
        stuck,        ///< MPI did not start in time: stopped, to go with this process
        out_of_time,  ///< by us, at the limit
        told_to_stop  ///< by us, as a signal asked
    };
    Way way = Way::failed;
    bool mpi_started = false;
    int exit_code = 0;  ///< 128 + signal if one ended it
    std::string text;   ///< "was killed by signal 9", "ended with exit code 1"
};

/// How long the child may take.
struct Limits {
    Seconds mpi_start;  ///< until it has told that MPI has started
    Seconds all;
};

/// Starts this program again with the same arguments and waits for its end. MPI may take a process
/// down in the middle of a call, or never return from one: this one lives on without MPI, and can
/// still put together what others reported. Throws Error (environment) if it cannot start.
ChildEnd supervise(const std::vector<std::string>& argv,
                   const std::vector<std::string>& environment, const Limits&);

/// Waits for a signal to stop, at most so long: under mpirun an early end takes all ranks down.
void wait_for_stop(Seconds limit);

}  // namespace amorsize::probe
