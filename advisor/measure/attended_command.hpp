#pragma once

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "advisor/core/command_port.hpp"
#include "advisor/core/units.hpp"
#include "advisor/measure/file_descriptor.hpp"

namespace amorsize::measure {

/// While it lives, SIGINT, SIGTERM and SIGHUP wait; as it ends they take their usual course. What
/// is to be undone first (a queued job) is undone in between.
class HeldSignals {
public:
    HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals();

    int descriptor() const { return waiting_.get(); }  ///< readable once one has come
    bool came() const;
    const sigset_t& mask_before() const { return before_; }

private:
    sigset_t before_{};
    FileDescriptor waiting_;
};

/// A program to run for as long as it takes, looking after it meanwhile.
struct AttendedCommand {
    std::vector<std::string> argv;
    std::vector<std::string> environment;  ///< "NAME=value", all of it
    /// A piece of its stderr as it comes, cut at line breaks and carriage returns.
    std::function<void(const std::string&)> heard;
    /// Asked some times a second; true: it is to stop.
    std::function<bool()> give_up;
    Seconds grace{10};  ///< from SIGINT, how it is asked to stop, to SIGKILL
};

/// Runs it in a process group of its own with /dev/null as input. Asked to stop by a held signal or
/// by `give_up`, it gets SIGINT twice, as from an impatient user, and `timed_out` says so in the
/// result.
CommandResult run_attended(const AttendedCommand&, const HeldSignals&);

}  // namespace amorsize::measure
