#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/error.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/rank_figures.hpp"
#include "mpi/run/chunk_source.hpp"
#include "mpi/run/disk_sync.hpp"
#include "mpi/run/failure_policy.hpp"
#include "mpi/run/journal.hpp"
#include "mpi/run/orphans.hpp"
#include "mpi/run/output_store.hpp"
#include "mpi/run/records.hpp"
#include "mpi/run/signals.hpp"
#include "mpi/run/stop_phases.hpp"
#include "mpi/run/task_queue.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// What a rank needs to run its share of the items.
struct RankSetup {
    WorkerSetup workers;
    Retry retry;
    Seconds grace{20};  ///< what running items are given after a signal to stop
    std::function<std::int64_t(std::int64_t)>
        item_at;                                      ///< the item at a position of the list to run
    std::vector<Task> own_tasks;                      ///< that no other rank can run (mode program)
    std::function<void(const Tally&)> show_progress;  ///< about once a second, on rank 0
};

/// The one event loop of a rank. It hands items to the workers, takes what ended, records it, and
/// draws chunks. One thread; all waiting is in one place. docs/run.md has the model.
class RankLoop {
public:
    RankLoop(const RankSetup& setup, Team& team, ChunkSource& source, const BlockedSignals& signals,
             Poller& poller, Workers& workers, JournalWriter& journal, OutputWriter& output,
             DiskSync& disk);

    /// Returns once nothing is left for this rank, or once it was stopped; no worker is left then.
    RankFigures run();
    /// After run(): serves other ranks until all have come here.
    void wind_down();
    /// Why the run cannot go on, if so: the disk is full, no process can be started.
    const std::optional<Error>& failure() const { return failure_; }

private:
    bool finished() const;
    bool workers_have_ended();
    void finish_records();
    void dispatch();
    void dispatch_alone();
    bool draw_chunks();
    std::int64_t share_of_queue(std::int64_t wanted) const;
    void wait();
    std::chrono::microseconds longest_wait() const;
    void handle(const std::vector<PollToken>& ready);
    void reap();
    void end_orphans();
    void settle(const Ended& ended);
    void settle_undone(const Ended& ended);
    void shrink();
    void stop(int signal);
    void suspend();
    void abandon(const Error& error);
    bool housekeeping();
    void account_idle(SteadyClock::time_point from, SteadyClock::time_point to);

    const RankSetup& setup_;
    Team& team_;
    ChunkSource& source_;
    const BlockedSignals& signals_;
    Poller& poller_;
    Workers& workers_;
    FailurePolicy failures_;
    StopPhases stop_;
    Orphans orphans_;

    TaskQueue queue_;
    RankFigures figures_;
    Records records_;
    WallTimes wall_times_;
    int worker_limit_;
    bool alone_running_ = false;
    std::optional<Error> failure_;
    SteadyClock::time_point last_housekeeping_ = SteadyClock::now();
    SteadyClock::time_point cannot_start_since_{};
    SteadyClock::time_point pause_until_{};
    bool more_to_start_ = false;
    SteadyClock::time_point closing_since_{};  ///< workers were asked to end; 0: they were not
};

}  // namespace amorsize::run
