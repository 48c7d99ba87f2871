#pragma once

#include <cstdint>
#include <string>

#include "mpi/run/clock.hpp"
#include "mpi/run/team.hpp"

namespace amorsize::run {

/// "12,345 of 100,000 done (12 %), 832/s, 3 failed, 1 min 45 s left".
std::string progress_line(std::int64_t items, std::int64_t done_before, const Tally& now,
                          double seconds);

/// What rank 0 says on stderr while the run goes on: a line that renews itself on a terminal,
/// otherwise a line at intervals that grow from ten seconds to five minutes.
class Progress {
public:
    Progress(std::int64_t items, std::int64_t done_before, bool terminal);
    /// What to print now; often nothing.
    std::string show(const Tally& tally);
    /// What clears the renewing line.
    std::string finish() const;

private:
    std::int64_t items_;
    std::int64_t done_before_;
    bool terminal_;
    bool shown_ = false;
    std::chrono::seconds interval_{10};
    SteadyClock::time_point started_ = SteadyClock::now();
    SteadyClock::time_point next_ = started_ + interval_;
};

}  // namespace amorsize::run
