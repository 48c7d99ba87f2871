#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/job_profile.hpp"
#include "advisor/core/kept_item.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/sample_worth.hpp"
#include "advisor/core/units.hpp"
#include "advisor/measure/item_process.hpp"

namespace amorsize::measure {

/// What the sampler is doing, for a progress line.
struct SampleProgress {
    std::string phase;  ///< "one at a time", "4 side by side", "prelude"
    int done = 0;
    int planned = 0;
    Seconds elapsed;
};

/// What running in parallel gains, judged by a sample.
struct ParallelGain {
    Seconds saved;       ///< over running serially
    double speedup = 1;  ///< serial time over that of the plan
};

struct SampleRequest {
    Manifest manifest;
    std::int64_t items = 0;                         ///< how many the list has
    std::function<std::string(std::int64_t)> item;  ///< its text, by index from 0
    std::vector<std::string> environment;           ///< ours, "NAME=value"
    std::uint64_t seed = 0;
    std::vector<std::vector<int>> cores;  ///< usable physical cores, each with its hardware threads
    bool try_second_threads = false;      ///< of each core: on arithmetic they were seen to pay
    std::optional<Bytes> memory;          ///< usable on this node; bounds how many run side by side
    /// What items one at a time, and again what rounds side by side may cost of what running in
    /// parallel saves; the former, where that is more, of what the run still takes, and half a
    /// second of any job. Items kept for the run (sample.reuse) cost only what they take longer
    /// than there.
    double share_of_saving = 0.05;
    std::size_t keep_output = std::size_t{16} << 20;  ///< sample.reuse: larger outputs are not kept
    /// Judged by these samples; absent: by the usable cores here.
    std::function<ParallelGain(const std::vector<Sample>&)> gain;
    /// What depends on the sample, judged by these samples; absent: no items beyond sample.size.
    std::function<SampleStake(const std::vector<Sample>&)> stake;
    /// False once more samples cannot change the advice; absent: they always can.
    std::function<bool(const std::vector<Sample>&)> answer_can_change;
    std::function<void(const SampleProgress&)> progress;
    /// SIGINT, SIGTERM or SIGHUP came, and will end us once the items are ended.
    std::function<void()> interrupted;
};

/// An item that was run to its end.
struct SampledItem {
    std::int64_t index = 0;
    std::string item;
    ItemRun run;  ///< without its kept output
    Sample sample;
};

/// An item that was ended before its end because the budget ran out: it takes longer than this.
struct UnfinishedItem {
    std::int64_t index = 0;
    Seconds at_least;
};

enum class SampleEnd { complete, budget, saving, answer_settled, not_sampled };

struct SampleResult {
    /// For advise(): the succeeded items but for the warm-up, in the order of the list. Co-run ones
    /// have their concurrency.
    JobProfile profile;
    /// The first item run, if it was slowed by what only the first one meets (slowed_as_first). Its
    /// memory counts.
    std::optional<SampledItem> warm_up;
    std::vector<SampledItem> items;  ///< all succeeded ones, in the order in which they ran
    std::vector<UnfinishedItem> unfinished;
    std::vector<KeptItem> kept;  ///< sample.reuse
    SampleEnd ended_by = SampleEnd::complete;
    std::string not_sampled;         ///< why nothing was run; empty if something was
    std::vector<std::string> notes;  ///< what the reader of the advice should know, a sentence each
};

/// Runs items of the job here, each once, while nothing else observes them: first one after
/// another, more of them than sample.size where that was not asked for and they are worth their
/// cost, then different ones side by side on all usable cores, and wider while that helps items
/// that wait.
///
/// exec: a process an item. batch: single items and one larger chunk, which tells the start-up from
/// the items. stream: one worker, an item a line; its start-up is told from the items. Mode program
/// and kind mpi are not sampled.
///
/// Stops early: size reached, budget spent, cost above share_of_saving, or the answer cannot
/// change. Throws Error: bad_input if an item fails, hangs or cannot be started (its command, exit
/// code and the end of its own stderr in the message); environment if this machine refuses. No
/// process it started outlives it, whatever happens. On SIGINT, SIGTERM or SIGHUP everything is
/// ended, then the signal takes its usual course.
SampleResult run_sample(const SampleRequest&);

}  // namespace amorsize::measure
