#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mpi/run/signals.hpp"

namespace amorsize::run {

/// The CPUs and the memory a worker is held to.
struct Place {
    std::vector<int> cpus;  ///< operating system numbers; empty: wherever the rank may run
    int numa_node = -1;     ///< preferred for its memory; -1: the kernel's choice (local)

    friend bool operator==(const Place&, const Place&) = default;
};

/// A Place as the kernel takes it, made once and used for every child of a worker.
class PlaceMask {
public:
    explicit PlaceMask(const Place& place);

    const unsigned long* cpus() const { return cpus_.empty() ? nullptr : cpus_.data(); }
    std::size_t cpu_bytes() const { return cpus_.size() * sizeof(unsigned long); }
    const unsigned long* nodes() const { return nodes_.empty() ? nullptr : nodes_.data(); }
    std::size_t node_bits() const { return nodes_.size() * sizeof(unsigned long) * 8; }

private:
    std::vector<unsigned long> cpus_;
    std::vector<unsigned long> nodes_;
};

/// What a child starts with. Descriptors must be above 2.
struct ChildStart {
    const char* path = nullptr;
    char* const* argv = nullptr;
    char* const* envp = nullptr;
    int in = -1;
    int out = -1;
    int err = -1;
    const PlaceMask* place = nullptr;
};

/// Starts programs without copying the rank's page tables (vfork). Each child leads a process group
/// of its own, dies with the rank, has the signal mask and dispositions the rank was started with,
/// and no descriptors but 0, 1 and 2.
class ChildStarter {
public:
    explicit ChildStarter(const BlockedSignals& signals);

    /// The child's process id, or the negated errno of what failed. A file without a known format
    /// runs through /bin/sh, as execvp does.
    pid_t start(const ChildStart& child) const;

private:
    sigset_t mask_;
    std::vector<int> changed_signals_;  ///< that are handled here, or ignored here and not before
};

/// Where execvp would find `name`; `name` itself if nowhere.
std::string find_program(const std::string& name);

/// The most memory a process that runs has held so far, in KiB.
std::optional<std::uint32_t> peak_of_process(pid_t pid);

/// A child that has ended.
struct EndedChild {
    pid_t pid = 0;
    int exit_code = 0;
    int signal = 0;
    rusage usage{};
};

inline double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// Reaps one child that has ended; pid 0 if none has.
EndedChild reap_child();
/// Kills what a child that led a process group has left in it.
void end_group_of(const EndedChild& child);

}  // namespace amorsize::run
