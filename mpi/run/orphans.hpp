#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

namespace amorsize::run {

/// What items leave behind outside their process group, such as a daemon in a session of its own.
/// The kernel makes such a process a child of the rank once its parent has ended. Whose it is, its
/// environment says; one that has replaced its environment is let alone.
class Orphans {
public:
    /// `environment`: what all items of the rank have in theirs. Becomes the reaper of orphans.
    explicit Orphans(const std::vector<std::string>& environment);

    /// Kills those whose item has ended. `workers`: the process of each worker, 0 for none; an
    /// orphan that is older than its worker's process is of an earlier item. Returns how many were
    /// there or are still dying.
    int end(std::span<const pid_t> workers) const;

private:
    std::vector<std::string>
        marks_;  ///< entries of the environment that tell our items from others
};

}  // namespace amorsize::run
