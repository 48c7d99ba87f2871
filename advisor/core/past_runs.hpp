#pragma once

#include <optional>
#include <vector>

#include "advisor/core/finished_run.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// What is different this time. Anything but `none`, and the figures of earlier runs are not taken
/// over: the items are sampled as if there were no history.
enum class Change {
    none,
    program,    ///< its file, or a file it is always given
    arguments,  ///< more than the numbers in them
    input,      ///< the median input is over twice, or under half, that of any earlier run
    behaviour   ///< the items tried took another time, or more memory, than those then
};

/// The earlier runs of a job, and whether they tell of the next.
struct PastRuns {
    std::vector<FinishedRun> runs;  ///< oldest first, those like the one to come; never empty
    Change change = Change::none;
    double growth = 1;                  ///< change of input or item time: now over then
    std::optional<Bytes> tried_peak{};  ///< largest of the items tried just now
    std::optional<Bytes> input{};       ///< JobInstance::input of the run to come

    const FinishedRun& last() const { return runs.back(); }
};

/// Picks from the runs of a command on a class of nodes (oldest first) those like the one to come.
/// Nothing if there are none.
std::optional<PastRuns> recall(const JobInstance& now, std::vector<FinishedRun> runs);

/// What the items tried first will be like if nothing has changed.
struct Expectation {
    Seconds shortest;
    Seconds longest;
    std::optional<Bytes> peak;  ///< at most
};

/// Nothing unless the runs are like the next and have items to tell it by.
std::optional<Expectation> expected_items(const PastRuns&);

/// How many items are tried to see whether the history still holds: one may be slowed by files
/// still on the disk.
inline constexpr std::size_t kItemsToConfirm = 2;

/// Whether these items are as expected: at least kItemsToConfirm, their geometric mean time within
/// half the shortest and twice the longest seen, and no peak over twice the largest.
bool confirms(const Expectation&, const std::vector<Sample>& tried);

/// The items of the last whole run as they would be alone: their time over the slowdown planned.
/// Empty if no run was whole.
std::vector<Sample> remembered_items(const PastRuns&);

}  // namespace amorsize
