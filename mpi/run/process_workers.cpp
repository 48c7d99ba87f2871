#include "mpi/run/process_workers.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <limits>

#include "advisor/core/command_line.hpp"
#include "advisor/core/error.hpp"

namespace amorsize::run {

namespace {

/// Whether a second task is not simply the next item after the first.
bool breaks_row(const Task& first, const Task& second) {
    return second.item != first.item + 1 || second.attempt != first.attempt ||
           second.failures != first.failures;
}

/// Bytes of arguments a process can be given beside its environment; half is left to what the
/// program adds for its own.
std::size_t argument_room(const std::vector<std::string>& environment) {
    std::size_t taken = 4096;
    for (const std::string& entry : environment) taken += entry.size() + 1 + sizeof(char*);
    const long most = ::sysconf(_SC_ARG_MAX);
    const std::size_t limit = most > 0 ? static_cast<std::size_t>(most) / 2 : 65536;
    return limit > taken + 4096 ? limit - taken : 4096;
}

}  // namespace

ProcessWorkers::Worker::Worker(const WorkerSetup& setup, std::uint32_t number, Poller& poller)
    : start(setup, number),
      out(Stream::out, poller, {PollToken::Kind::worker_out, number}),
      err(Stream::err, poller, {PollToken::Kind::worker_err, number}) {}

ProcessWorkers::ProcessWorkers(const WorkerSetup& setup, const ChildStarter& starter,
                               Poller& poller, OutputWriter& output)
    : setup_(setup),
      starter_(starter),
      output_(output),
      no_input_(open_for_reading("/dev/null")),
      argument_room_(argument_room(setup.environment)),
      limit_(static_cast<std::uint32_t>(setup.places.size())) {
    for (std::uint32_t i = 0; i < limit_; ++i) workers_.emplace_back(setup_, i, poller);
    for (std::uint32_t i = limit_; i > 0; --i) free_.push_back(i - 1);
}

std::optional<Workers::Opening> ProcessWorkers::opening() const {
    if (free_.empty() || workers_.size() - free_.size() >= limit_) return std::nullopt;
    const bool whole_chunks = setup_.mode == Mode::batch;
    return Opening{free_.back(), whole_chunks ? std::numeric_limits<std::int64_t>::max() : 1};
}

/// As many of the tasks' items as fit on one command line, at least one.
std::vector<std::string> ProcessWorkers::fitting(std::span<const Task> tasks) const {
    std::vector<std::string> items;
    items.reserve(tasks.size());
    std::size_t bytes = 0;
    for (const Task& task : tasks) {
        std::string text = setup_.item_text(task.item);
        bytes += text.size() + 1 + sizeof(char*);
        if (!items.empty() && bytes > argument_room_) break;
        items.push_back(std::move(text));
    }
    return items;
}

std::size_t ProcessWorkers::start(std::uint32_t number, std::span<const Task> tasks) {
    Worker& worker = workers_[number];
    Assignment assignment;
    assignment.index = tasks.front().item;
    assignment.rank = setup_.rank;
    assignment.worker = static_cast<int>(number);
    if (setup_.mode != Mode::program) assignment.items = fitting(tasks);
    const std::size_t taken = std::max<std::size_t>(1, assignment.items.size());
    const auto started = SteadyClock::now();
    pid_t pid = 0;
    std::string why;
    try {
        const std::vector<std::string> argv = expand_command(setup_.command, assignment);
        const bool single = setup_.mode == Mode::exec;
        pid = worker.start(starter_, argv, single ? &assignment.items.front() : nullptr,
                           no_input_.get(), worker.out.write_end(), worker.err.write_end());
        if (pid == -EAGAIN || pid == -ENOMEM) return 0;
        if (pid < 0) why = "cannot start " + argv.front() + ": " + std::strerror(-pid);
    } catch (const Error& error) {
        why = error.what();
    }
    worker.tasks.assign(tasks.begin(), tasks.begin() + static_cast<std::ptrdiff_t>(taken));
    worker.started = started;
    worker.received = 0;
    in_flight_ += static_cast<std::int64_t>(taken);
    if (!why.empty()) {
        could_not_start(number, why, pid == -ENOENT ? 127 : 126);
        return taken;
    }
    worker.pid = pid;
    std::erase(free_, number);
    worker_of_.emplace(pid, number);
    return taken;
}

void ProcessWorkers::could_not_start(std::uint32_t number, const std::string& why, int exit_code) {
    Worker& worker = workers_[number];
    OutputKey key = key_of(worker);
    key.stream = Stream::err;
    output_.append(key, "amorsize-run: " + why + "\n");
    EndedChild nothing;
    nothing.exit_code = exit_code;
    report(worker, number, nothing);
}

OutputKey ProcessWorkers::key_of(const Worker& worker) const {
    return {worker.tasks.front().item, worker.tasks.front().attempt, Stream::out};
}

void ProcessWorkers::on_event(PollToken token) {
    Worker& worker = workers_[token.worker];
    OutputCapture& stream = token.kind == PollToken::Kind::worker_out ? worker.out : worker.err;
    if (worker.tasks.empty()) return stream.discard();
    worker.received += stream.drain(output_, key_of(worker));
}

void ProcessWorkers::collect_output(Worker& worker) {
    for (OutputCapture* stream : {&worker.out, &worker.err}) {
        while (const std::uint32_t got = stream->drain(output_, key_of(worker)))
            worker.received += got;
    }
}

bool ProcessWorkers::on_child(const EndedChild& child) {
    const auto found = worker_of_.find(child.pid);
    if (found == worker_of_.end()) return false;
    const std::uint32_t number = found->second;
    worker_of_.erase(found);
    end_group_of(child);
    Worker& worker = workers_[number];
    collect_output(worker);
    report(worker, number, child);
    worker.pid = 0;
    free_.push_back(number);
    return true;
}

void ProcessWorkers::report(Worker& worker, std::uint32_t number, const EndedChild& child) {
    const double count = static_cast<double>(worker.tasks.size());
    const double seconds = seconds_between(worker.started, SteadyClock::now()) / count;
    Ended ended;
    ended.worker = number;
    ended.start = wall_times_(worker.started);
    ended.seconds = seconds;
    ended.user = seconds_of(child.usage.ru_utime) / count;
    ended.system = seconds_of(child.usage.ru_stime) / count;
    ended.exit_code = child.exit_code;
    ended.signal = child.signal;
    ended.peak_kib = static_cast<std::uint32_t>(child.usage.ru_maxrss);
    ended.received = worker.received;
    ended.output_end = output_.end();
    ended.interrupted = interrupted_ && (child.signal != 0 || child.exit_code != 0);
    for (auto first = worker.tasks.begin(); first != worker.tasks.end();) {
        const auto behind = std::adjacent_find(first, worker.tasks.end(), breaks_row);
        const auto last = behind == worker.tasks.end() ? behind : std::next(behind);
        ended.task = *first;
        ended.followers = static_cast<std::uint32_t>(last - first - 1);
        ended_.push_back(ended);
        ended.start += seconds * static_cast<double>(last - first);
        ended.received = 0;
        first = last;
    }
    in_flight_ -= static_cast<std::int64_t>(worker.tasks.size());
    worker.tasks.clear();
}

std::vector<pid_t> ProcessWorkers::processes() const {
    std::vector<pid_t> pids;
    for (const Worker& worker : workers_) pids.push_back(worker.pid);
    return pids;
}

void ProcessWorkers::signal_all(int signal) const {
    for (const auto& [pid, number] : worker_of_) ::kill(-pid, signal);
}

}  // namespace amorsize::run
