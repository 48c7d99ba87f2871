// How StreamWorkers finds out and ends workers that do not keep to one line an item. docs/run.md
// has the rules.

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "mpi/run/stream_lines.hpp"
#include "mpi/run/stream_workers.hpp"

namespace amorsize::run {

namespace {

constexpr double kSilenceOverLongest = 10;
constexpr double kSecondSilence = 4;
/// A worker that waited for input ends within so many seconds of its end.
constexpr double kSoon = 1;
/// For a worker that has closed its output.
constexpr double kLeavePatience = 5;
constexpr int kMuteProcesses = 2;

}  // namespace

void StreamWorkers::let_go(Worker& worker, Leaving why) {
    worker.leaving = why;
    worker.leaving_since = SteadyClock::now();
}

void StreamWorkers::kill_for(Worker& worker, const std::string& why) {
    let_go(worker, Leaving::is_killed);
    worker.killed_for = why;
    worker.from.close();
    if (worker_of_.contains(worker.pid)) ::kill(-worker.pid, SIGKILL);
}

void StreamWorkers::distrust(const Worker& worker, std::uint32_t number, const std::string& wrote) {
    distrusted_.push_back(
        {number, wall_times_(worker.began),
         fmt::format("amorsize-run: a worker must answer each item with one line, but this one "
                     "wrote {} for {} items; none of its answers can be relied on\n",
                     wrote, worker.given)});
}

/// Longer for the next process of one that may only have been slow.
Seconds StreamWorkers::patience(const Worker& worker) const {
    return std::max(setup_.silence * (worker.mute_processes > 0 ? kSecondSilence : 1),
                    Seconds{kSilenceOverLongest * longest_seconds_});
}

void StreamWorkers::look_after(SteadyClock::time_point now) {
    if (hopeless_) throw Error(*std::exchange(hopeless_, std::nullopt));
    for (std::uint32_t number = 0; number < workers_.size(); ++number) {
        Worker& worker = workers_[number];
        if (worker.pid == 0) continue;
        if (worker.leaving != Leaving::is_killed && !worker.from.open() &&
            seconds_between(worker.leaving_since, now) > kLeavePatience) {
            kill_for(worker, "the worker has closed its output and goes on");
        }
        if (worker.leaving != Leaving::no || worker.tasks.empty()) continue;
        if (seconds_between(worker.answered, now) < patience(worker).value) continue;
        if (nobody_reads(worker.to)) {
            kill_for(worker, "the worker has closed its input before all its items were read");
        } else if (worker.unsent.empty() && unread_bytes(worker.to) == 0) {
            question(worker, number);
        }
    }
}

/// A worker that has read all it was given and answers no more works at an item, or waits for
/// another. The end of its input tells; to one that works it costs a new process, and no item.
void StreamWorkers::question(Worker& worker, std::uint32_t number) {
    const std::int64_t front = worker.tasks.front().item;
    if (!std::exchange(questioned_, true)) {
        setup_.say(fmt::format(
            "note: worker {} of rank {} has read {} and not answered for {:.3g} s. Its input is "
            "closed now, in case it waits for more (a worker answers each line with one line, and "
            "flushes it); one that works on ends after that item and is started again\n",
            number, setup_.rank, shown_item(front, setup_.item_text(front)),
            patience(worker).value));
    }
    let_go(worker, Leaving::was_silent);
    close_input(worker);
}

/// Whatever a process does now, it does because it was told to.
bool StreamWorkers::was_just_let_go(const Worker& worker) {
    return worker.leaving != Leaving::no &&
           seconds_between(worker.leaving_since, SteadyClock::now()) < kSoon;
}

/// Processes that gave no answer by themselves. After a few of them no further one is worth its
/// wait.
void StreamWorkers::count_mute(Worker& worker, std::uint32_t number) {
    if (worker.has_answered) worker.mute_processes = 0;
    const bool waited = worker.leaving == Leaving::was_silent && was_just_let_go(worker);
    if (worker.has_answered || !(waited || worker.leaving == Leaving::is_killed)) return;
    if (++worker.mute_processes < kMuteProcesses) return;
    hopeless_ = Error(
        ExitCode::environment,
        fmt::format("worker {} of rank {} does not answer: {} processes one after another gave no "
                    "answer until their input was closed or they were killed",
                    number, setup_.rank, worker.mute_processes),
        "a worker must answer each line with one line and flush it at once (python -u, stdbuf -oL, "
        "fflush); for a program that first reads all its input use mode batch");
}

/// Whether a worker that has ended did so because its input had, with items unanswered: then it
/// has passed some of them over.
bool StreamWorkers::found_waiting(const Worker& worker, std::uint32_t number,
                                  const EndedChild& child) {
    if (worker.leaving != Leaving::was_silent || interrupted_ || worker.tasks.empty()) return false;
    if (!was_just_let_go(worker) && (child.signal != 0 || child.exit_code != 0)) return false;
    const auto answers = worker.given - std::ssize(worker.tasks);
    distrust(worker, number,
             fmt::format("{} lines{}", answers,
                         worker.unread.empty() ? "" : " and one without its end"));
    return true;
}

}  // namespace amorsize::run
