#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize::slurm {

/// What accounting knows of one run of a job, its steps folded in. A requeued job has one for each
/// run.
struct JobRecord {
    std::string id;      ///< "123", "123_4" (array), "123+1" (heterogeneous)
    std::string raw_id;  ///< its SLURM_JOB_ID; empty if not asked for
    std::string name;
    std::string user;
    std::string partition;
    std::string state;  ///< first word: "COMPLETED", "OUT_OF_MEMORY", "TIMEOUT", "CANCELLED"
    Seconds elapsed;
    std::optional<Seconds> time_limit;  ///< absent: none or unlimited
    int nodes = 1;
    int cpus = 1;
    int steps = 0;  ///< accounted, with those of the script (batch, extern)
    int tasks = 1;  ///< of its widest srun
    /// Granted (AllocTRES), or else asked for (ReqMem), over the nodes; absent: not told.
    std::optional<Bytes> requested_per_node;
    /// The most its tasks on one node can have held, over the steps that ran at the same time
    /// (slurm/step_memory.hpp). Sampled by Slurm: short peaks escape it.
    std::optional<Bytes> peak_per_node;
    /// Mean over largest CPU time of the tasks of its longest srun of several; absent: no such
    /// step, or too short to tell.
    std::optional<Fraction> task_balance;
    std::optional<Seconds> cpu_time;  ///< user and system, of all steps

    bool ended() const;  ///< neither pending, running nor suspended; a start that was requeued has
    bool succeeded() const { return state == "COMPLETED"; }
};

/// The columns to ask sacct for, joined with commas; parse_sacct takes them and others in any
/// order. The name comes last: it may hold anything, line breaks too.
inline constexpr std::string_view kSacctFields =
    "JobID,JobIDRaw,User,Partition,State,Elapsed,Timelimit,Start,End,NNodes,NodeList,AllocCPUS,"
    "NTasks,ReqMem,AllocTRES,MaxRSS,TotalCPU,TRESUsageInTot,TRESUsageInMax,TRESUsageInMin,JobName";

/// "123456K", "1.50G", "4Gn", "2Gc", plain bytes; nothing for "", "0n" and what it cannot read.
std::optional<Bytes> accounted_memory(std::string_view text);
/// "D-HH:MM:SS", "HH:MM:SS", "MM:SS.mmm"; nothing for "", "UNLIMITED", "Partition_Limit",
/// "INVALID".
std::optional<Seconds> accounted_time(std::string_view text);

/// Whether this is what `sacct --parsable2` (or --parsable) prints: bars, and a JobID among the
/// headings.
bool looks_like_sacct(std::string_view text);

/// Reads that output. Lines come in sacct's order: a job, then its steps. JobID, JobName (for
/// traces), State and Elapsed are required. Bars above the headings' number are the job's name's;
/// so is a line with fewer if JobName is the last column. Throws Error (bad input) with the line
/// numbers of what is wrong.
std::vector<JobRecord> parse_sacct(std::string_view text, const std::string& name);

}  // namespace amorsize::slurm
