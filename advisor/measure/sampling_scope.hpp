#pragma once

#include <sys/types.h>

#include <csignal>
#include <optional>
#include <set>
#include <string>

#include "advisor/core/units.hpp"
#include "advisor/measure/file_descriptor.hpp"
#include "advisor/measure/item_cgroup.hpp"

namespace amorsize::measure {

/// What holds while items of the job run here, so that none of them outlives us:
/// - SIGINT, SIGTERM and SIGHUP wait: poll interrupts(), unwind, and the signal is delivered as
/// this scope ends, after
///   every process has gone;
/// - we adopt orphans (PR_SET_CHILD_SUBREAPER), so daemonised processes are found too;
/// - a guard, a process of its own, ends everything that carries our mark if we are killed
/// outright. One at a time; not for use while other threads start processes.
class SamplingScope {
public:
    /// Without cgroups, memory is sampled from /proc, as where no group may be made.
    explicit SamplingScope(bool with_cgroups = true);
    SamplingScope(const SamplingScope&) = delete;
    SamplingScope& operator=(const SamplingScope&) = delete;
    ~SamplingScope();

    /// Readable when a child may have ended. Read it empty with note_children().
    int children() const { return children_.get(); }
    void note_children() const;
    /// Readable when we were asked to stop.
    int interrupts() const { return interrupts_.get(); }
    bool interrupted() const;

    /// "AMORSIZE_SAMPLE=...": every process of a sample must have it in its environment.
    const std::string& mark() const { return mark_; }
    const sigset_t& signal_mask() const { return old_mask_; }  ///< as it was before
    const std::set<pid_t>& other_children() const {
        return other_children_;
    }  ///< that are not of the sample
    const std::optional<CgroupBase>& cgroups() const { return cgroups_; }

private:
    void start_guard();

    std::string mark_;
    std::optional<CgroupBase> cgroups_;
    std::set<pid_t> other_children_;
    sigset_t old_mask_{};
    struct sigaction old_child_action_ {};
    struct sigaction old_pipe_action_ {};
    bool was_subreaper_ = false;
    FileDescriptor children_;
    FileDescriptor interrupts_;
    FileDescriptor guard_;  ///< the guard acts when this closes without a word
};

}  // namespace amorsize::measure
