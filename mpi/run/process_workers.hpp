#pragma once

#include <deque>
#include <unordered_map>

#include "mpi/run/clock.hpp"
#include "mpi/run/output_capture.hpp"
#include "mpi/run/worker_start.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// Modes exec, batch and program: a process for each item, each group of items, or for the rank.
class ProcessWorkers : public Workers {
public:
    ProcessWorkers(const WorkerSetup& setup, const ChildStarter& starter, Poller& poller,
                   OutputWriter& output);

    std::optional<Opening> opening() const override;
    std::size_t start(std::uint32_t worker, std::span<const Task> tasks) override;
    void on_event(PollToken token) override;
    bool on_child(const EndedChild& child) override;
    std::int64_t in_flight() const override { return in_flight_; }
    std::vector<pid_t> processes() const override;
    void limit_to(int workers) override { limit_ = static_cast<std::uint32_t>(workers); }
    void signal_all(int signal) const override;
    bool close() override { return worker_of_.empty(); }

private:
    struct Worker {
        Worker(const WorkerSetup& setup, std::uint32_t number, Poller& poller);

        WorkerStart start;
        OutputCapture out;
        OutputCapture err;
        pid_t pid = 0;
        std::vector<Task> tasks;
        SteadyClock::time_point started;
        std::uint32_t received = 0;
    };

    OutputKey key_of(const Worker& worker) const;
    void collect_output(Worker& worker);
    std::vector<std::string> fitting(std::span<const Task> tasks) const;
    void report(Worker& worker, std::uint32_t number, const EndedChild& child);
    void could_not_start(std::uint32_t number, const std::string& why, int exit_code);

    WorkerSetup setup_;
    const ChildStarter& starter_;
    OutputWriter& output_;
    Descriptor no_input_;
    WallTimes wall_times_;
    std::deque<Worker> workers_;
    std::vector<std::uint32_t> free_;
    std::unordered_map<pid_t, std::uint32_t> worker_of_;
    std::size_t argument_room_;
    std::uint32_t limit_;
    std::int64_t in_flight_ = 0;
};

}  // namespace amorsize::run
