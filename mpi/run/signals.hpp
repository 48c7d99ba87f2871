#pragma once

#include <csignal>
#include <string>

#include "advisor/core/units.hpp"

namespace amorsize::run {

/// Whether a signal stops a run cleanly: SIGTERM, SIGINT, SIGHUP or SIGUSR1.
bool stops_a_run(int signal);
/// As in SIGTERM.
std::string signal_name(int signal);

/// Blocks the signals a run listens for, in this thread and all it starts later; call it before any
/// thread exists (MPI starts some). They then arrive by read_signals() only.
class BlockedSignals {
public:
    BlockedSignals();
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals();

    int descriptor() const { return fd_; }
    const sigset_t& original_mask() const { return original_; }
    /// Whether SIGPIPE, which is ignored here, was ignored before; children get it back as it was.
    bool ignored_broken_pipes() const { return ignored_broken_pipes_; }

    struct Arrived {
        bool child = false;    ///< a child ended
        bool suspend = false;  ///< SIGTSTP: Ctrl-Z, or a scheduler's first word
        int stop = 0;  ///< SIGTERM, SIGINT, SIGHUP or SIGUSR1: the last one that came; 0 if none
    };
    Arrived read() const;

private:
    sigset_t original_;
    bool ignored_broken_pipes_;
    int fd_;
};

/// Has SIGUSR1 arrive after that time: the run stops as it would for Slurm's warning before the
/// limit, which Slurm sends up to a minute early and not to the batch shell.
void stop_after(Seconds time);

}  // namespace amorsize::run
