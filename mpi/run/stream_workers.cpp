#include "mpi/run/stream_workers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>

#include "advisor/core/command_line.hpp"
#include "mpi/run/stream_lines.hpp"

namespace amorsize::run {

namespace {

/// Work to have under way to a worker, so that it does not wait for the loop's next turn.
constexpr double kLeadSeconds = 0.002;
constexpr std::int64_t kDeepest = 4096;
/// Items that take longer are not worth queueing behind one another: the wait for the next costs
/// less than imbalance.
constexpr double kLongItemSeconds = 0.05;
constexpr std::size_t kReadAtOnce = 1 << 18;
/// Between looks at a worker's memory, each some 20 us.
constexpr auto kPeakInterval = std::chrono::milliseconds(20);
/// An answer is kept in memory until its line ends.
constexpr std::size_t kLongestAnswer = 64 << 20;

}  // namespace

StreamWorkers::Worker::Worker(const WorkerSetup& setup, std::uint32_t number, Poller& poller)
    : start(setup, number), err(Stream::err, poller, {PollToken::Kind::worker_err, number}) {}

StreamWorkers::StreamWorkers(const WorkerSetup& setup, const ChildStarter& starter, Poller& poller,
                             OutputWriter& output)
    : setup_(setup),
      starter_(starter),
      poller_(poller),
      output_(output),
      limit_(setup.places.size()) {
    for (std::uint32_t i = 0; i < limit_; ++i) workers_.emplace_back(setup_, i, poller);
}

std::int64_t StreamWorkers::wanted_depth() const {
    if (mean_seconds_ <= 0 || mean_seconds_ >= kLongItemSeconds) return 1;
    return std::min(kDeepest,
                    1 + static_cast<std::int64_t>(std::ceil(kLeadSeconds / mean_seconds_)));
}

std::optional<Workers::Opening> StreamWorkers::opening() const {
    const auto depth = static_cast<std::size_t>(wanted_depth());
    const auto emptiest = std::min_element(
        workers_.begin(),
        workers_.begin() + static_cast<std::ptrdiff_t>(std::min(limit_, workers_.size())),
        [](const Worker& a, const Worker& b) {
            return std::pair(a.leaving != Leaving::no, a.tasks.size()) <
                   std::pair(b.leaving != Leaving::no, b.tasks.size());
        });
    if (emptiest == workers_.end() || emptiest->leaving != Leaving::no ||
        emptiest->tasks.size() > depth / 2)
        return std::nullopt;
    return Opening{static_cast<std::uint32_t>(emptiest - workers_.begin()),
                   static_cast<std::int64_t>(depth - emptiest->tasks.size())};
}

std::size_t StreamWorkers::start(std::uint32_t number, std::span<const Task> tasks) {
    Worker& worker = workers_[number];
    if (worker.pid == 0) {
        const pid_t pid = start_process(number);
        if (pid == -EAGAIN || pid == -ENOMEM) return 0;
        if (pid < 0) {
            Ended ended = ended_now(worker, number, 0);
            ended.exit_code = pid == -ENOENT ? 127 : 126;
            ended.task = tasks.front();
            output_.append({ended.task.item, ended.task.attempt, Stream::err},
                           std::string("amorsize-run: cannot start the worker: ") +
                               std::strerror(-pid) + "\n");
            ended.output_end = output_.end();
            ended_.push_back(ended);
            return 1;
        }
    }
    if (worker.tasks.empty()) worker.answered = SteadyClock::now();
    for (const Task& task : tasks) {
        append_as_line(worker.unsent, setup_.item_text(task.item));
        worker.tasks.push_back(task);
    }
    worker.given += static_cast<std::int64_t>(tasks.size());
    in_flight_ += static_cast<std::int64_t>(tasks.size());
    send(worker, number);
    return tasks.size();
}

pid_t StreamWorkers::start_process(std::uint32_t number) {
    Worker& worker = workers_[number];
    Assignment assignment;
    assignment.rank = setup_.rank;
    assignment.worker = static_cast<int>(number);
    Pipe to = make_pipe();
    Pipe from = make_pipe();
    worker.began = SteadyClock::now();
    const pid_t pid = worker.start(starter_, expand_command(setup_.command, assignment), nullptr,
                                   to.read_end.get(), from.write_end.get(), worker.err.write_end());
    if (pid < 0) return pid;
    set_nonblocking(to.write_end);
    set_nonblocking(from.read_end);
    worker.to = std::move(to.write_end);
    worker.from = std::move(from.read_end);
    poller_.watch_reading(worker.from.get(), {PollToken::Kind::worker_out, number});
    worker.pid = pid;
    worker.peak_kib = 0;
    worker.given = 0;
    worker.unread.clear();
    worker.leaving = Leaving::no;
    worker.killed_for.clear();
    worker.has_answered = false;
    worker_of_.emplace(pid, number);
    return pid;
}

void StreamWorkers::send(Worker& worker, std::uint32_t number) {
    std::size_t sent = 0;
    int error = 0;
    while (sent < worker.unsent.size() && error == 0) {
        const ssize_t wrote =
            ::write(worker.to.get(), worker.unsent.data() + sent, worker.unsent.size() - sent);
        if (wrote >= 0) sent += static_cast<std::size_t>(wrote);
        if (wrote < 0 && errno != EINTR) error = errno;
    }
    worker.unsent.erase(0, sent);
    // Any other error: the worker has closed its input. It will end, or be found silent.
    const bool wait = error == EAGAIN;
    if (wait && !worker.waits_to_send) {
        poller_.watch_writing(worker.to.get(), {PollToken::Kind::worker_in, number});
    } else if (!wait && worker.waits_to_send) {
        poller_.forget(worker.to.get());
    }
    worker.waits_to_send = wait;
}

void StreamWorkers::on_event(PollToken token) {
    Worker& worker = workers_[token.worker];
    switch (token.kind) {
        case PollToken::Kind::worker_in:
            if (worker.to.open()) send(worker, token.worker);
            break;
        case PollToken::Kind::worker_out:
            if (worker.from.open()) receive(worker, token.worker);
            break;
        default:
            if (worker.tasks.empty()) return worker.err.discard();
            worker.errors += worker.err.drain(
                output_, {worker.tasks.front().item, worker.tasks.front().attempt, Stream::err});
    }
}

/// Takes the answers that have come, in order; their time is shared out evenly since the last ones
/// came. Returns whether there may be more to read.
bool StreamWorkers::receive(Worker& worker, std::uint32_t number) {
    const std::ptrdiff_t known = std::ssize(worker.unread);
    const ReadResult result = read_available(worker.from, worker.unread, kReadAtOnce);
    const std::int64_t came = std::count(worker.unread.begin() + known, worker.unread.end(), '\n');
    const std::int64_t lines = std::min(came, std::ssize(worker.tasks));
    if (lines > 0) take_answers(worker, number, lines);
    if (came > lines) {
        distrust(worker, number, fmt::format("{} lines", worker.given + came - lines));
        kill_for(worker, {});
    } else if (worker.unread.size() > kLongestAnswer) {
        kill_for(worker, fmt::format("the worker's answer has more than {} MiB and no end",
                                     kLongestAnswer >> 20));
    } else if (result == ReadResult::closed) {
        worker.from.close();
        if (worker.leaving == Leaving::no) let_go(worker, Leaving::closed_its_output);
    }
    return result == ReadResult::some && worker.from.open();
}

void StreamWorkers::take_answers(Worker& worker, std::uint32_t number, std::int64_t lines) {
    const auto now = SteadyClock::now();
    const double seconds = seconds_between(worker.answered, now) / static_cast<double>(lines);
    const double weight = std::min(0.5, 0.05 * static_cast<double>(lines));
    mean_seconds_ =
        mean_seconds_ <= 0 ? seconds : mean_seconds_ + weight * (seconds - mean_seconds_);

    if (now >= worker.peak_due) {
        worker.peak_kib = peak_of_process(worker.pid).value_or(worker.peak_kib);
        worker.peak_due = now + kPeakInterval;
    }
    if (!was_just_let_go(worker)) {
        worker.has_answered = true;
        longest_seconds_ = std::max(longest_seconds_, seconds);
    }
    std::string_view rest = worker.unread;
    for (std::int64_t i = 0; i < lines; ++i) {
        const std::size_t end = rest.find('\n');
        answer(worker, number, rest.substr(0, end + 1), seconds);
        rest.remove_prefix(end + 1);
        worker.answered += std::chrono::duration_cast<SteadyClock::duration>(
            std::chrono::duration<double>(seconds));
    }
    worker.unread.erase(0, worker.unread.size() - rest.size());
    worker.answered = now;
}

void StreamWorkers::answer(Worker& worker, std::uint32_t number, std::string_view line,
                           double seconds) {
    Ended ended = ended_now(worker, number, seconds);
    ended.task = worker.tasks.front();
    ended.exit_code = read_answer(line).failed ? 1 : 0;
    ended.received = static_cast<std::uint32_t>(line.size()) + std::exchange(worker.errors, 0);
    output_.append({ended.task.item, ended.task.attempt, Stream::out}, line);
    ended.output_end = output_.end();
    worker.tasks.pop_front();
    --in_flight_;
    ended_.push_back(ended);
}

Ended StreamWorkers::ended_now(const Worker& worker, std::uint32_t number, double seconds) const {
    Ended ended;
    ended.worker = number;
    ended.start = wall_times_(worker.answered);
    ended.seconds = seconds;
    ended.peak_kib = worker.peak_kib;
    return ended;
}

void StreamWorkers::close_input(Worker& worker) {
    if (worker.waits_to_send) poller_.forget(worker.to.get());
    worker.waits_to_send = false;
    worker.unsent.clear();
    worker.to.close();
}

bool StreamWorkers::on_child(const EndedChild& child) {
    const auto found = worker_of_.find(child.pid);
    if (found == worker_of_.end()) return false;
    const std::uint32_t number = found->second;
    worker_of_.erase(found);
    end_group_of(child);
    Worker& worker = workers_[number];
    while (worker.from.open() && receive(worker, number)) {
    }
    count_mute(worker, number);
    end_tasks(worker, number, child, found_waiting(worker, number, child));
    close_input(worker);
    worker.from.close();
    worker.pid = 0;
    worker.leaving = Leaving::no;
    return true;
}

/// Whether a worker has read any of the items it owes answers for.
bool StreamWorkers::has_begun(const Worker& worker) const {
    std::string lines;
    for (const Task& task : worker.tasks) append_as_line(lines, setup_.item_text(task.item));
    return unread_bytes(worker.to) + worker.unsent.size() < lines.size();
}

/// A worker that ends owes answers. The item it was at shares its fate; those behind it were never
/// begun and are handed back as interrupted, unless items were `passed_over`. One that has answered
/// before may end between two items.
void StreamWorkers::end_tasks(Worker& worker, std::uint32_t number, const EndedChild& child,
                              bool passed_over) {
    const double seconds = seconds_between(worker.answered, SteadyClock::now());
    bool front = worker.given == std::ssize(worker.tasks) || has_begun(worker);
    while (!worker.tasks.empty()) {
        Ended ended = ended_now(worker, number, front ? seconds : 0);
        ended.task = worker.tasks.front();
        ended.signal = child.signal;
        // A worker that leaves in good order with an item unanswered has failed it all the same.
        ended.exit_code = child.signal == 0 && child.exit_code == 0 ? 1 : child.exit_code;
        const OutputKey key{ended.task.item, ended.task.attempt, Stream::err};
        if (front) {
            while (const std::uint32_t got = worker.err.drain(output_, key)) worker.errors += got;
            ended.received = std::exchange(worker.errors, 0);
        }
        if (front && !worker.killed_for.empty()) {
            output_.append(key, "amorsize-run: " + worker.killed_for + "\n");
            ended.signal = 0;
            ended.exit_code = 1;
        }
        if (passed_over) output_.append(key, distrusted_.back().why);
        ended.output_end = output_.end();
        ended.peak_kib = static_cast<std::uint32_t>(child.usage.ru_maxrss);
        ended.interrupted = interrupted_ || (!front && !passed_over);
        ended_.push_back(ended);
        worker.tasks.pop_front();
        --in_flight_;
        front = false;
    }
}

std::vector<pid_t> StreamWorkers::processes() const {
    std::vector<pid_t> pids;
    for (const Worker& worker : workers_) pids.push_back(worker.pid);
    return pids;
}

void StreamWorkers::signal_all(int signal) const {
    for (const auto& [pid, number] : worker_of_) ::kill(-pid, signal);
}

bool StreamWorkers::close() {
    for (Worker& worker : workers_) {
        if (worker.pid != 0 && worker.tasks.empty()) close_input(worker);
    }
    return worker_of_.empty();
}

}  // namespace amorsize::run
