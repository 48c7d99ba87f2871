#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "advisor/core/planned_job.hpp"
#include "advisor/core/rank_figures.hpp"
#include "advisor/core/units.hpp"

namespace amorsize::run {

enum class RunEnd {
    complete,      ///< every item is done
    items_failed,  ///< all ended, some failed for good
    stopped,       ///< by a signal; items are missing
    broken         ///< the run could not be recorded or carried on
};

/// What the user is told at the end, and what report.json holds.
struct RunReport {
    std::string name;
    std::string slurm_job;  ///< SLURM_JOB_ID of this run; empty: not in a job, or not recorded
    bool program = false;   ///< mode program: its items are its ranks, what they do is not seen
    RunEnd end = RunEnd::complete;
    std::string trouble;             ///< why, if stopped or broken
    std::int64_t items = 0;          ///< of the job
    std::int64_t done_before = 0;    ///< by earlier runs
    std::int64_t done = 0;           ///< over all runs
    std::int64_t failed = 0;         ///< for good, over all runs
    int run = 1;                     ///< 1 for the first run of the plan
    double started = 0;              ///< of the first rank's process, seconds since 1970
    Seconds wall;                    ///< of this run, from the start of its processes
    std::vector<RankFigures> ranks;  ///< of this run
    Prediction predicted;
    Schedule schedule = Schedule::factoring;
};

/// A figure summed over the ranks, and its largest.
template <class T>
T sum(const RunReport& report, T RankFigures::*member) {
    T total{};
    for (const RankFigures& rank : report.ranks) total += rank.*member;
    return total;
}

template <class T>
T largest(const RunReport& report, T RankFigures::*member) {
    T most{};
    for (const RankFigures& rank : report.ranks) most = std::max(most, rank.*member);
    return most;
}

/// Where the worker seconds of a run went; shares of workers x wall time, adding up to 1.
struct TimeShares {
    double items = 0;     ///< in items
    double start = 0;     ///< before a rank handed out its first item
    double chunks = 0;    ///< waiting for chunks
    double tail = 0;      ///< idle because nothing was left to run
    double between = 0;   ///< between items: starting processes, taking answers, recording
};
TimeShares time_shares(const RunReport& report);

/// Time in items over wall time: how many cores' work was done at once.
double speedup(const RunReport& report);
/// Mean over the longest time that ranks were at work: 1 is even.
double balance(const RunReport& report);

/// What the workers of a node would take if all were at once as large as the largest of their rank.
Bytes memory_of_fullest_node(const RunReport& report);

std::string to_text(const RunReport& report);

}  // namespace amorsize::run
