#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/planned_items.hpp"
#include "advisor/core/sample.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// What makes two runs runs of the same job.
struct JobIdentity {
    std::string command;          ///< the program as it was called
    std::string binary;           ///< a hash of its file and of the files it is always given;
                                  ///< empty: unknown
    std::string arguments;        ///< argument_shape of what followed
    std::string partition_class;  ///< partition and node class it ran on

    friend bool operator==(const JobIdentity&, const JobIdentity&) = default;
};

/// The arguments with what varies from run to run taken out: every run of digits becomes "#".
std::string argument_shape(const std::vector<std::string>& arguments);

/// A job and the scale of what it works on.
struct JobInstance {
    JobIdentity job;
    std::optional<Bytes> input;  ///< median of the items' files; nothing: items name no files
};

/// How a run ended, as far as it says what to ask for next time.
enum class RunOutcome {
    completed,
    failed,         ///< items failed for good, or the run could not be carried on
    out_of_memory,  ///< items were killed for memory; they may have succeeded alone
    time_limit,
    stopped  ///< by a signal, before its time limit
};

/// A run of a job.
struct FinishedRun {
    JobInstance instance;
    PlannedItems planned;
    std::int64_t finished_at = 0;  ///< seconds since 1970, from the caller's clock
    RunOutcome outcome = RunOutcome::completed;
    Seconds seconds;            ///< wall time
    std::int64_t items = 0;     ///< done in this run
    std::optional<Bytes> peak;  ///< largest of one worker
    std::optional<Seconds> time_limit;
    std::optional<Seconds> predicted;  ///< wall time; nothing where the run was only a part
    std::vector<Sample> samples;       ///< its items as they ran side by side, or as many of them
                                       ///< as stand for all; empty unless the run was whole
    std::string array;  ///< Slurm's number of the job array whose elements it stands for; empty: no
                        ///< array
};

/// Items kept of a run.
inline constexpr std::size_t kItemsKept = 500;

/// Which of the items that took so long stand for all, ascending: all, or at even steps by time
/// from a random start, so that each has the same chance and the few that take most of the time are
/// not left out together.
std::vector<std::size_t> standing_for_all(const std::vector<double>& seconds,
                                          std::size_t most = kItemsKept);

/// The elements of an array as one run: `more` added to those `known`. Its time is an element's
/// (their mean by items, as the prediction is one element's), its memory the largest, its outcome
/// the one that asks for most.
FinishedRun with_element(FinishedRun known, const FinishedRun& more);

}  // namespace amorsize
