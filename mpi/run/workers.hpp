#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "advisor/core/manifest.hpp"
#include "advisor/core/units.hpp"
#include "mpi/run/child_process.hpp"
#include "mpi/run/clock.hpp"
#include "mpi/run/output_store.hpp"
#include "mpi/run/poller.hpp"

namespace amorsize::run {

/// One item to run.
struct Task {
    std::int64_t item = 0;
    std::uint16_t attempt = 1;   ///< counts every start, so that the output of each is told apart
    std::uint16_t failures = 0;  ///< of earlier attempts, the item's own
};

/// How one attempt at an item ended.
struct Ended {
    Task task;
    std::uint32_t worker = 0;
    double start = 0;  ///< seconds since 1970
    double seconds = 0;
    double user = 0;
    double system = 0;
    int exit_code = 0;
    int signal = 0;
    std::uint32_t peak_kib = 0;
    std::uint32_t received = 0;
    std::int64_t output_end = 0;
    bool interrupted = false;     ///< our own signal ended it: neither done nor failed
    std::uint32_t followers = 0;  ///< ItemRecord::followers
};

/// A long-lived worker that wrote more or fewer lines than it was given items. Which of them was
/// one too many, or which item went without, nothing tells: no answer of that process can be relied
/// on.
struct Distrusted {
    std::uint32_t worker = 0;
    double since = 0;  ///< when the process was started, seconds since 1970
    std::string why;   ///< for the stderr of its items
};

/// What all modes need to run items.
struct WorkerSetup {
    Mode mode = Mode::exec;
    Command command;
    std::function<std::string(std::int64_t)> item_text;
    std::vector<std::string>
        environment;            ///< KEY=value, all that does not depend on the item or the worker
    std::vector<Place> places;  ///< one a worker
    int rank = 0;
    /// Mode stream: without an answer for so long, or for ten times the longest that one took, a
    /// worker's input is closed, to see whether it waits for more.
    Seconds silence{30};
    std::function<void(const std::string&)> say;  ///< warnings
};

/// The workers of a rank, in one mode. Never blocks but for the start of a process.
class Workers {
public:
    virtual ~Workers() = default;

    struct Opening {
        std::uint32_t worker = 0;
        std::int64_t items = 1;  ///< it would take now
    };
    /// A worker that would take items now, the emptiest first.
    virtual std::optional<Opening> opening() const = 0;
    /// Hands over items of `tasks` from the front on; returns how many were taken. None: no process
    /// can be started now.
    virtual std::size_t start(std::uint32_t worker, std::span<const Task> tasks) = 0;

    virtual void on_event(PollToken token) = 0;
    /// False: not a child of these workers.
    virtual bool on_child(const EndedChild& child) = 0;
    /// To be called about twice a second: ends long-lived workers that do not behave. Throws Error
    /// when none of their like will do.
    virtual void look_after(SteadyClock::time_point) {}
    /// What has ended since the last call.
    std::vector<Ended> take_ended() { return std::exchange(ended_, {}); }

    /// Which workers were found out since the last call. Their items have all ended.
    std::vector<Distrusted> take_distrusted() { return std::exchange(distrusted_, {}); }

    /// Items handed over that have not ended.
    virtual std::int64_t in_flight() const = 0;
    /// The process of each worker; 0: none.
    virtual std::vector<pid_t> processes() const = 0;
    /// Uses only the first `workers` workers from now on.
    virtual void limit_to(int workers) = 0;
    /// Signals every process with all it has started.
    virtual void signal_all(int signal) const = 0;
    /// The same; what ends from now on was interrupted.
    void interrupt(int signal) {
        interrupted_ = true;
        signal_all(signal);
    }
    /// Lets long-lived workers without items end. True once no process is left. Items that follow
    /// start them again.
    virtual bool close() = 0;

protected:
    std::vector<Ended> ended_;
    std::vector<Distrusted> distrusted_;
    bool interrupted_ = false;
};

std::unique_ptr<Workers> make_workers(const WorkerSetup& setup, const ChildStarter& starter,
                                      Poller& poller, OutputWriter& output);

}  // namespace amorsize::run
