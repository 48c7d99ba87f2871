#pragma once

#include <csignal>

namespace amorsize::run {

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

    struct Arrived {
        bool child = false;  ///< a child ended
        int stop = 0;  ///< SIGTERM, SIGINT, SIGHUP or SIGUSR1: the last one that came; 0 if none
    };
    Arrived read() const;

private:
    sigset_t original_;
    int fd_;
};

}  // namespace amorsize::run
