#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/planned_items.hpp"
#include "advisor/core/units.hpp"
#include "advisor/core/worker_memory.hpp"

namespace amorsize {

/// Inputs beyond the largest that was tried.
struct Extrapolation {
    Bytes largest;
    Bytes largest_tried;
};

/// The job as the model sees it: a list of items whose times follow the observed distribution.
struct Workload {
    std::int64_t items = 0;
    int threads = 1;              ///< per worker
    int gpus = 0;                 ///< per worker
    std::vector<double> seconds;  ///< observed or given item times, as of one worker alone, or
                                  ///< expected by the sizes of the inputs to come; ascending
    std::vector<double> ratios;   ///< of times to those that sizes let expect, ascending, with a
                                  ///< mean of 1; empty: times do not follow the size
    std::optional<Extrapolation> extrapolated;  ///< times follow the size beyond those timed
    int samples = 0;                            ///< behind `seconds`; 0: given, or unknown
    bool list_known = false;   ///< `seconds` are of every item to come, or of equal shares of them
    double longest = 0;        ///< expected by the largest input, where times follow the size
    bool times_known = false;  ///< false: no time at all is known
    bool distribution_given = false;  ///< from the manifest: no sampling error
    double mean_seconds = 0;
    double cv = 0;
    std::optional<WorkerMemory> memory;  ///< to plan with
    double cpu_share = 1;                ///< CPU time over wall time and thread
    bool waits = false;                  ///< cpu_share is well below one
    std::vector<CoRun> co_runs;          ///< ascending by workers, without the trivial one
    std::optional<double>
        smt_yield_seen;  ///< of second threads, where the items' is surely below that of arithmetic
    Seconds per_chunk;   ///< what handing out a chunk costs its worker
    Seconds start_up;    ///< of a process; slowed by others beside it as items are
    bool starts_each_chunk = false;  ///< batch: a process a chunk; else one a worker
};

/// CPU share below which an item counts as waiting. Above it a second worker per core gains less
/// than its memory costs.
inline constexpr double kWaitingShare = 0.7;

/// The share of a core that a worker keeps busy, in cores.
double core_demand(const Workload&);

/// The widest co-run whose throughput still grew; 0 if none did or none was run.
int widest_helpful(const Workload&);

/// The cores that workers share, apart from what the items do to each other.
struct SharedCores {
    double cores = 1;           ///< physical
    double all_core_speed = 1;  ///< of a core with all busy, over one alone
    double smt_yield = 1;       ///< throughput of two threads on a core over that of one

    /// Clock of a core with so many of them busy, over one alone.
    double clock(double busy) const;
    /// Share of the cores that has a second thread where so many threads are busy.
    double with_second_thread(double busy) const;
    /// The cores with what second threads add.
    double capacity(double busy) const;
};

/// Summarises what is known. `memory` is what the memory request settled on; `sampled_on` the cores
/// of the node that the sample ran on.
Workload summarize(const Manifest&, const JobProfile&, std::optional<WorkerMemory> memory,
                   Seconds dispatch, const SharedCores& sampled_on = {});

/// Relative throughput of `workers` side by side on a node, one alone being 1. Between co-runs it
/// is interpolated; up to the narrowest it follows a closed queueing network: each item goes back
/// and forth between a core of its own and one thing that all share (memory bandwidth, a disk),
/// whose share of an item is what the co-run shows. Bard's and Schweitzer's approximation of mean
/// value analysis (Schweitzer 1979); the corner min(n, Psat) of ECM (Hager et al. 2016) lies above
/// it. Beyond the widest co-run throughput grows on only if that one still scaled; a waiting job is
/// bounded by cores / cpu_share. The clock is counted once: what all_core_speed explains of a
/// slowdown is no contention.
double node_throughput(const Workload&, int workers, const SharedCores&);

}  // namespace amorsize
