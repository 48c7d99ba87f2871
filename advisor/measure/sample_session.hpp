#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "advisor/measure/item_process.hpp"
#include "advisor/measure/sampler.hpp"
#include "advisor/measure/sampling_scope.hpp"

namespace amorsize::measure {

/// What the modes share while they sample: the request, the surroundings of an item, the budget,
/// the results so far.
class SampleSession {
public:
    explicit SampleSession(const SampleRequest&);

    const SampleRequest& request() const { return request_; }
    const SamplingScope& scope() const { return scope_; }
    SampleResult& result() { return result_; }
    Seconds elapsed() const;
    void report(const std::string& phase, int done, int planned) const;

    /// Runs the manifest's prelude once and takes over the environment and directory it leaves
    /// behind.
    void run_prelude();

    /// The process for these items (their indices), for worker `worker`.
    ItemCommand command(const std::vector<std::int64_t>& indices, int worker) const;
    /// The process for one item with so many threads.
    ItemCommand command_with_threads(std::int64_t index, int threads) const;
    std::string item_text(std::int64_t index) const { return request_.item(index); }
    /// Up to `count` items not run so far, by the manifest's choice.
    std::vector<std::int64_t> choose(std::int64_t count, std::uint64_t stream);

    /// Items not run so far.
    std::int64_t left() const { return request_.items - static_cast<std::int64_t>(taken_.size()); }

    /// The limit of one item now: its own time-out or what is left of the budget.
    ItemLimits limits() const;
    Clock::time_point budget_ends() const { return budget_ends_; }
    /// Whether something that takes about `cost` and does `work` of the run is still worth its
    /// time; notes why if not.
    bool worth(Seconds cost, Seconds work);
    /// Items to run alone beside those that did, as they are worth more than they cost: at most as
    /// many again, since those tell better what is at stake, and within half the budget.
    int worth_adding() const;
    /// Items of sample.size that were too dear to run alone, where they cost nothing side by side,
    /// for the run need not repeat them.
    int missing_for_nothing() const;
    /// Mean time of the items that ran alone.
    Seconds mean_alone() const;
    /// CPU time, and time spent queueing for a core, over wall time of those items, per declared
    /// thread.
    double busy_share() const;

    /// What the items so far had in common.
    std::optional<CommonPages> common() const;

    /// What runs from here on has a share of the saving of its own: rounds side by side alone tell
    /// how many workers help, and must not go short because single items were dear.
    void begin_phase();
    /// The next of them: its items are told apart from those of others.
    void next_round() { ++round_; }
    /// Takes in an item that ran; throws Error if it failed. False if the budget cut it short.
    bool accept(std::int64_t index, ItemRun run);
    /// Takes in a sample worked out by the caller (stream, batch).
    void accept(std::int64_t index, ItemRun run, const Sample& sample);
    Sample sample_of(std::int64_t index, const ItemRun& run) const;
    void mark_taken(std::int64_t index) { taken_.insert(index); }
    /// The run is to repeat this item, whatever was kept of it.
    void do_not_keep(std::int64_t index);
    /// Takes in an item tried again with more threads. False if it failed or was cut short.
    bool accept_again(std::int64_t index, const ItemRun& run, int threads);
    /// Remembers an item that ran but whose figures do not count.
    void set_aside(std::int64_t index, const ItemRun& run);
    /// True if the budget ended it and not a time limit of its own.
    bool out_of_budget(const ItemRun&) const;
    /// Throws the Error for it; `circumstance` follows its name.
    [[noreturn]] void fail(std::int64_t index, const ItemRun&,
                           const std::string& circumstance = {}) const;
    /// What each process of a worker spends before its first item: every sample so far and to come
    /// holds it, and finish() takes it off.
    void set_start_within_samples(Seconds start) { start_within_samples_ = start; }
    /// What was measured apart from the items already.
    void set_worker_start(Seconds start) { result_.profile.worker_start = start; }
    void set_warm_up(SampledItem item) { result_.warm_up = std::move(item); }
    void note(std::string sentence) { result_.notes.push_back(std::move(sentence)); }

    /// Sets the warm-up apart, orders the samples, and hands the result over.
    SampleResult finish();

private:
    std::vector<Sample> samples() const;
    void keep(std::int64_t index, const ItemRun&);
    ParallelGain gain() const;
    /// What items alone, or else rounds, may cost.
    Seconds allowance(const ParallelGain&) const;
    /// What the run is shorter for by work that it need not repeat.
    Seconds spared(Seconds work, double speedup) const;
    void set_warm_up_apart();
    void take_off_start();
    void note_busy_node();

    const SampleRequest& request_;
    Clock::time_point begin_;
    Clock::time_point budget_ends_;
    SamplingScope scope_;
    std::vector<std::string> environment_;
    std::string directory_;
    std::set<std::int64_t> taken_;
    int round_ = 0;
    Seconds phase_begin_;
    Seconds kept_in_phase_;
    Seconds start_within_samples_;
    SampleResult result_;
};

/// A process an item, one after another: `count` of them, chosen by random numbers of that stream.
void sample_one_by_one(SampleSession&, int count, std::uint64_t stream);
/// The same for sample.size items, and more while they are worth their cost.
void sample_one_by_one(SampleSession&);
/// Single items, then the rest of the sample in one process: the difference tells what a start
/// costs.
void sample_batch(SampleSession&);
/// Long-lived workers that answer each item with a line: one, then several side by side.
void sample_stream(SampleSession&);
/// Rounds of several processes, an item each.
void sample_side_by_side(SampleSession&);
/// Some of the items that ran alone again, with twice as many threads each time as long as that
/// makes them faster.
void sample_more_threads(SampleSession&);

}  // namespace amorsize::measure
