#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "advisor/core/error.hpp"
#include "mpi/run/clock.hpp"
#include "mpi/run/output_capture.hpp"
#include "mpi/run/worker_start.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// Mode stream: a long-lived process a worker, which reads items and answers each with a line, in
/// order (stream_lines.hpp). Several items are under way to a worker where they are short, so that
/// it never waits for us.
class StreamWorkers : public Workers {
public:
    StreamWorkers(const WorkerSetup& setup, const ChildStarter& starter, Poller& poller,
                  OutputWriter& output);

    std::optional<Opening> opening() const override;
    std::size_t start(std::uint32_t worker, std::span<const Task> tasks) override;
    void on_event(PollToken token) override;
    bool on_child(const EndedChild& child) override;
    std::int64_t in_flight() const override { return in_flight_; }
    std::vector<pid_t> processes() const override;
    void limit_to(int workers) override { limit_ = static_cast<std::size_t>(workers); }
    void signal_all(int signal) const override;
    void look_after(SteadyClock::time_point now) override;
    bool close() override;

private:
    /// Why a process gets no more items and is to end.
    enum class Leaving { no, was_silent, closed_its_output, is_killed };

    struct Worker {
        Worker(const WorkerSetup& setup, std::uint32_t number, Poller& poller);

        WorkerStart start;
        OutputCapture err;
        Descriptor to;    ///< its standard input
        Descriptor from;  ///< its standard output
        pid_t pid = 0;
        std::deque<Task> tasks;  ///< handed over and not answered, in order
        std::string unsent;
        bool waits_to_send = false;
        std::string unread;             ///< an answer that is not whole yet
        SteadyClock::time_point began;  ///< the process
        std::int64_t given = 0;         ///< items to this process
        Leaving leaving = Leaving::no;
        SteadyClock::time_point leaving_since{};
        std::string killed_for;     ///< for the stderr of the item it was at
        bool has_answered = false;  ///< by itself, not because its input was closed
        int mute_processes = 0;     ///< one after another, that never answered by themselves
        SteadyClock::time_point
            answered;              ///< when the item at the front began, as far as can be told
        std::uint32_t errors = 0;  ///< bytes of stderr since the last answer
        std::uint32_t peak_kib = 0;
        SteadyClock::time_point peak_due{};  ///< when to look at its memory again
    };

    pid_t start_process(std::uint32_t number);
    void send(Worker& worker, std::uint32_t number);
    bool receive(Worker& worker, std::uint32_t number);
    void take_answers(Worker& worker, std::uint32_t number, std::int64_t lines);
    static void let_go(Worker& worker, Leaving why);
    void close_input(Worker& worker);
    void question(Worker& worker, std::uint32_t number);
    void kill_for(Worker& worker, const std::string& why);
    void distrust(const Worker& worker, std::uint32_t number, const std::string& wrote);
    static bool was_just_let_go(const Worker& worker);
    void count_mute(Worker& worker, std::uint32_t number);
    bool found_waiting(const Worker& worker, std::uint32_t number, const EndedChild& child);
    bool has_begun(const Worker& worker) const;
    void end_tasks(Worker& worker, std::uint32_t number, const EndedChild& child, bool passed_over);
    Seconds patience(const Worker& worker) const;
    void answer(Worker& worker, std::uint32_t number, std::string_view line, double seconds);
    Ended ended_now(const Worker& worker, std::uint32_t number, double seconds) const;
    std::int64_t wanted_depth() const;

    WorkerSetup setup_;
    const ChildStarter& starter_;
    Poller& poller_;
    OutputWriter& output_;
    WallTimes wall_times_;
    std::deque<Worker> workers_;
    std::unordered_map<pid_t, std::uint32_t> worker_of_;
    std::size_t limit_;
    std::int64_t in_flight_ = 0;
    double mean_seconds_ = 0;     ///< of recent items; 0 before the first answer
    double longest_seconds_ = 0;  ///< that an answer took, by itself
    bool questioned_ = false;     ///< a worker's input was closed because it was silent
    std::optional<Error> hopeless_;
};

}  // namespace amorsize::run
