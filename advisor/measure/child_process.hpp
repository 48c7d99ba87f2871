#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/measure/file_descriptor.hpp"

namespace amorsize::measure {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC

Seconds seconds_between(Clock::time_point begin, Clock::time_point end);

/// A pipe whose ends no child inherits by accident and that never lands on 0, 1 or 2.
struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};
/// Throws Error (environment) when the system has no more descriptors.
Pipe open_pipe();
/// What can be read now; closes the descriptor when the writer is gone.
std::string take(FileDescriptor& from);

/// Everything a child starts with.
struct ChildRequest {
    std::vector<std::string> argv;         ///< argv[0] is looked up on `environment`'s PATH
    std::vector<std::string> environment;  ///< "NAME=value", all of it
    std::string directory;                 ///< where it runs; empty: where we are
    int in = -1;                           ///< descriptors for 0, 1 and 2; -1: /dev/null
    int out = -1;
    int err = -1;
    int cgroup_procs = -1;   ///< an open cgroup.procs to join; -1: stay in ours
    std::vector<int> pus;    ///< hardware threads it may use; empty: as we may
    sigset_t signal_mask{};  ///< what it has blocked
};

struct StartedChild {
    pid_t pid = -1;             ///< -1: it did not start
    Clock::time_point started;  ///< before its creation
    Seconds joining;            ///< what joining the cgroup took, no part of its running time
    Bytes written;              ///< what it wrote on our behalf before it became the program
    int error = 0;              ///< errno of what failed
    const char* failed = "";    ///< "start", "enter its directory": what failed
};

/// Starts a program in a process group of its own. The child ends with us (PR_SET_PDEATHSIG), and
/// shares our memory until it has become the program (vfork), so that its start costs the same
/// however large we are.
StartedChild start_child(const ChildRequest&);

/// Waits until it has ended; the status as a shell tells it, 128 and the signal for one that was
/// killed.
int status_of(const StartedChild&);

}  // namespace amorsize::measure
