#include "mpi/run/rank_loop.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace amorsize::run {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr auto kHousekeeping = milliseconds(500);
/// For stream workers, once their input has ended.
constexpr auto kWorkersEndPatience = std::chrono::seconds(10);
constexpr auto kOrphansEndPatience = std::chrono::seconds(1);
constexpr auto kCannotStartPause = milliseconds(100);
constexpr auto kCannotStartPatience = std::chrono::seconds(30);
/// Processes started before what has ended meanwhile is recorded: starting one takes up to a
/// millisecond.
constexpr int kStartsATurn = 8;
/// A draw that would arrive later than this before a worker runs dry is started at once.
constexpr double kShortestLead = 0.0005;

std::int64_t own_peak_kib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

}  // namespace

RankLoop::RankLoop(const RankSetup& setup, Team& team, ChunkSource& source,
                   const BlockedSignals& signals, Poller& poller, Workers& workers,
                   JournalWriter& journal, OutputWriter& output, DiskSync& disk)
    : setup_(setup),
      team_(team),
      source_(source),
      signals_(signals),
      poller_(poller),
      workers_(workers),
      failures_(setup.retry),
      orphans_(setup.workers.environment),
      queue_(setup.item_at),
      records_(journal, output, disk, figures_),
      worker_limit_(static_cast<int>(setup.workers.places.size())) {
    figures_.rank = team.rank();
    figures_.workers = worker_limit_;
    ::gethostname(figures_.host, sizeof figures_.host - 1);
    poller_.watch_reading(signals_.descriptor(), {PollToken::Kind::signals, 0});
    queue_.put_back(setup.own_tasks);
}

RankFigures RankLoop::run() {
    const auto begin = SteadyClock::now();
    auto last_end = begin;
    figures_.started = wall_times_(begin);
    while (!finished() || !workers_have_ended()) {
        try {
            if (!stop_.stopping()) dispatch();
            wait();
            const std::vector<Ended> all_ended = workers_.take_ended();
            for (const Ended& ended : all_ended) settle(ended);
            if (!all_ended.empty()) last_end = SteadyClock::now();
            for (const Distrusted& worker : workers_.take_distrusted()) records_.withdraw(worker);
            // Before anything else is started: what has ended and is not on record would be run
            // again if the rank were killed now.
            if (!failure_) records_.commit();
            if (housekeeping()) workers_.look_after(SteadyClock::now());
        } catch (const Error& error) {
            abandon(error);
        }
        if (const auto signal = stop_.take_due()) workers_.interrupt(*signal);
    }
    end_orphans();
    finish_records();
    team_.add_to_tally(records_.take_tally());
    figures_.seconds = seconds_between(begin, last_end);
    figures_.workers_at_end = worker_limit_;
    figures_.chunks = source_.drawn();
    figures_.own_peak_kib = own_peak_kib();
    figures_.stopped_by = stop_.signal();
    return figures_;
}

/// What the disk refuses only now would be found missing by the next run.
void RankLoop::finish_records() {
    if (failure_) return;
    try {
        records_.finish();
    } catch (const Error& error) {
        abandon(error);
    }
}

void RankLoop::wind_down() {
    while (!team_.all_have_finished()) {
        handle(poller_.wait(std::min(microseconds(1000), longest_wait())));
        team_.progress();
        housekeeping();
    }
}

bool RankLoop::finished() const {
    if (workers_.in_flight() > 0) return false;
    if (stop_.stopping()) return !source_.asked();
    return queue_.empty() && source_.exhausted();
}

/// Lets long-lived workers end, who were asked for nothing more. What they have written beyond
/// their answers shows only then.
bool RankLoop::workers_have_ended() {
    if (workers_.close()) {
        closing_since_ = {};
        return true;
    }
    const auto now = SteadyClock::now();
    if (closing_since_ == SteadyClock::time_point{}) closing_since_ = now;
    if (now - closing_since_ > kWorkersEndPatience) workers_.signal_all(SIGKILL);
    return false;
}

void RankLoop::dispatch() {
    more_to_start_ = false;
    if (alone_running_ && workers_.in_flight() > 0) return;
    alone_running_ = false;
    if (queue_.any_alone()) return dispatch_alone();
    if (SteadyClock::now() < pause_until_) return;
    draw_chunks();
    for (int started = 0; const auto opening = workers_.opening(); ++started) {
        const auto now = SteadyClock::now();
        if (queue_.ready(now) == 0 && !draw_chunks()) return;
        // What ends meanwhile must not wait for all of them.
        more_to_start_ = started == kStartsATurn;
        if (more_to_start_) return;
        std::vector<Task> tasks = queue_.take(share_of_queue(opening->items), now);
        if (tasks.empty()) return;
        const std::size_t taken = workers_.start(opening->worker, tasks);
        if (taken == tasks.size()) {
            cannot_start_since_ = {};
            continue;
        }
        tasks.erase(tasks.begin(), tasks.begin() + static_cast<std::ptrdiff_t>(taken));
        queue_.put_back(tasks);
        if (taken > 0) continue;
        if (cannot_start_since_ == SteadyClock::time_point{}) cannot_start_since_ = now;
        if (now - cannot_start_since_ > kCannotStartPatience) {
            throw Error(ExitCode::environment,
                        "no process can be started: the limit on processes or memory is reached",
                        "raise the limit (ulimit -u), ask for more memory, or use fewer workers");
        }
        pause_until_ = now + kCannotStartPause;
        return;
    }
}

/// An item that was killed for memory gets the whole rank: the others end first, long-lived workers
/// too, and none starts beside it.
void RankLoop::dispatch_alone() {
    if (workers_.in_flight() > 0) return;
    if (!workers_have_ended()) return;
    const auto opening = workers_.opening();
    const auto task = queue_.take_alone();
    if (!task || !opening) return;
    if (workers_.start(opening->worker, {&*task, 1}) == 0) {
        queue_.add_alone(*task);
        return;
    }
    alone_running_ = true;
}

/// Asks for the next chunk early enough for it to arrive before a worker runs dry, and no earlier:
/// what a rank holds back, others cannot run. Returns whether a chunk has come in.
bool RankLoop::draw_chunks() {
    bool came = false;
    for (;;) {
        if (const auto span = source_.take()) {
            queue_.add_chunk(*span);
            came = came || !span->empty();
        }
        if (source_.asked() || source_.exhausted()) return came;
        const std::int64_t ready = queue_.ready(SteadyClock::now());
        const bool dry = ready == 0 && workers_.opening().has_value();
        const double items_ended = static_cast<double>(figures_.done + figures_.failed);
        const double mean = items_ended > 0 ? figures_.busy / items_ended : 0;
        const double until_dry = static_cast<double>(ready + 1) * mean / worker_limit_;
        const double lead = std::max(kShortestLead, 2 * source_.latency().count());
        const bool soon_dry = team_.size() > 1 && items_ended > 0 && until_dry < lead;
        if (!dry && !soon_dry) return came;
        source_.ask();
    }
}

/// A worker takes a part of the queue that leaves as much for every other, so that they end
/// together.
std::int64_t RankLoop::share_of_queue(std::int64_t wanted) const {
    if (setup_.workers.mode == Mode::batch) return wanted;
    const std::int64_t ready = queue_.ready(SteadyClock::now());
    return std::clamp<std::int64_t>(ready / worker_limit_ / 2, 1, wanted);
}

void RankLoop::wait() {
    const bool no_items_left = finished();
    if (no_items_left && workers_have_ended()) return;
    const auto before = SteadyClock::now();
    const auto& ready = poller_.wait(longest_wait());
    if (!no_items_left) account_idle(before, SteadyClock::now());
    handle(ready);
    team_.progress();
}

microseconds RankLoop::longest_wait() const {
    if (more_to_start_ && !stop_.stopping()) return microseconds(0);
    const auto now = SteadyClock::now();
    auto until = last_housekeeping_ + kHousekeeping;
    if (stop_.stopping()) until = std::min(until, stop_.next_due());
    if (const auto due = queue_.next_due()) until = std::min(until, *due);
    if (pause_until_ > now) until = std::min(until, pause_until_);
    // A chunk on its way is looked for at short intervals: MPI has no descriptor to wait for.
    if (source_.asked()) until = std::min(until, now + microseconds(50));
    if (const auto interval = team_.progress_interval_seconds()) {
        until = std::min(until, now + steady(Seconds{*interval}));
    }
    return std::max(microseconds(0), duration_cast<microseconds>(until - now));
}

void RankLoop::account_idle(SteadyClock::time_point from, SteadyClock::time_point to) {
    const auto busy = std::min<std::int64_t>(workers_.in_flight(), worker_limit_);
    const double idle = static_cast<double>(figures_.workers - busy) * seconds_between(from, to);
    if (!stop_.stopping() && !source_.exhausted()) {
        figures_.waiting_for_chunks += idle;
    } else {
        figures_.idle_at_end += idle;
    }
}

void RankLoop::handle(const std::vector<PollToken>& ready) {
    BlockedSignals::Arrived arrived;
    for (const PollToken token : ready) {
        if (token.kind == PollToken::Kind::signals) arrived = signals_.read();
    }
    // The stop comes first: items that the same signal ended were interrupted, not failed.
    if (arrived.stop != 0) stop(arrived.stop);
    if (arrived.suspend) suspend();
    for (const PollToken token : ready) {
        if (token.kind != PollToken::Kind::signals) workers_.on_event(token);
    }
    if (arrived.child) reap();
    if (stop_.stopping()) {
        // Whatever still arrives was meant for a run that goes on; it stays missing and is run on
        // resumption.
        source_.take();
    }
}

void RankLoop::reap() {
    for (EndedChild child = reap_child(); child.pid != 0; child = reap_child()) {
        const bool worker = workers_.on_child(child);
        if (!worker || setup_.workers.mode != Mode::stream) continue;
        // Which of its items took how much of it nobody can tell.
        figures_.user += seconds_of(child.usage.ru_utime);
        figures_.system += seconds_of(child.usage.ru_stime);
    }
}

/// After the last item. What dies may leave children of its own, which come to us then.
void RankLoop::end_orphans() {
    const auto patience = SteadyClock::now() + kOrphansEndPatience;
    while (orphans_.end(workers_.processes()) > 0 && SteadyClock::now() < patience) {
        handle(poller_.wait(milliseconds(5)));
    }
}

void RankLoop::settle(const Ended& ended) {
    if (!ended.interrupted && ended.exit_code == 0 && ended.signal == 0)
        return records_.add(ended, Outcome::done);
    Ended one = ended;
    one.followers = 0;
    for (std::uint32_t i = 0; i <= ended.followers; ++i) {
        settle_undone(one);
        ++one.task.item;
        one.start += one.seconds;
        one.received = 0;
    }
}

void RankLoop::settle_undone(const Ended& ended) {
    if (ended.interrupted) {
        Task next = ended.task;
        ++next.attempt;
        if (!stop_.stopping()) queue_.add_retry(next, SteadyClock::now());
        return;
    }
    // While stopping, an item that fails may well do so because of the signal: it is run again on
    // resumption.
    if (stop_.stopping()) return;
    const Verdict verdict = failures_.judge(ended, alone_running_);
    if (verdict.outcome) records_.add(ended, *verdict.outcome);
    if (verdict.outcome == Outcome::failed) return;
    if (verdict.outcome == Outcome::out_of_memory) {
        shrink();
        return queue_.add_alone(verdict.next);
    }
    if (verdict.outcome == Outcome::retried) ++figures_.retries;
    queue_.add_retry(verdict.next, SteadyClock::now() + verdict.pause);
}

/// After an item was killed for memory.
void RankLoop::shrink() {
    ++figures_.memory_kills;
    worker_limit_ = std::max(1, std::min(worker_limit_ - 1, worker_limit_ * 3 / 4));
    workers_.limit_to(worker_limit_);
}

void RankLoop::stop(int signal) {
    if (!stop_.stopping() && team_.rank() == 0) {
        setup_.workers.say(fmt::format(
            "{}: no new items; running ones have {:.3g} s to end{}\n", signal_name(signal),
            setup_.grace.value, signal == SIGUSR1 ? "" : " (once more: they are ended now)"));
    }
    stop_.ask(signal, setup_.grace);
    source_.close();
}

/// Items are in groups of their own, where a terminal's Ctrl-Z does not reach them.
void RankLoop::suspend() {
    workers_.signal_all(SIGSTOP);
    ::raise(SIGSTOP);
    workers_.signal_all(SIGCONT);
}

/// Nothing can be recorded any more, so nothing more is worth running.
void RankLoop::abandon(const Error& error) {
    if (failure_) return;
    failure_ = error;
    source_.close();
    stop_.begin_now();
}

/// About twice a second; returns whether it was time.
bool RankLoop::housekeeping() {
    const auto now = SteadyClock::now();
    if (now - last_housekeeping_ < kHousekeeping) return false;
    last_housekeeping_ = now;
    orphans_.end(workers_.processes());
    team_.add_to_tally(records_.take_tally());
    if (setup_.show_progress) setup_.show_progress(team_.tally());
    return true;
}

}  // namespace amorsize::run
