#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/measure/child_process.hpp"
#include "advisor/measure/item_cgroup.hpp"
#include "advisor/measure/output_capture.hpp"
#include "advisor/measure/process_tree.hpp"
#include "advisor/measure/sampling_scope.hpp"

namespace amorsize::measure {

/// How a peak was found, best first.
enum class MemorySource {
    cgroup,          ///< the kernel's own peak of the tree, less the page cache left at the end
    tree,            ///< sampled: the largest sum seen; short peaks between two looks are missed
    largest_process  ///< of any one process of the tree (ru_maxrss); a lower bound if several ran
                     ///< side by side
};

/// One process to run to its end.
struct ItemCommand {
    std::vector<std::string> argv;
    std::vector<std::string> environment;  ///< the scope's mark is added
    std::string directory;
    std::vector<int> pus;  ///< hardware threads to bind to; empty: any
};

struct ItemLimits {
    Seconds time{60};  ///< wall time after which the whole tree is ended
    Seconds grace{1};  ///< between SIGTERM and SIGKILL
    std::size_t keep_output = std::size_t{4}
                              << 20;  ///< bytes of each stream kept; all are read and counted
};

enum class Ended {
    by_itself,      ///< see exit_code
    by_signal,      ///< see signal
    at_time_limit,  ///< we ended it
    with_others,  ///< we ended it because another one of its round failed, or the round ran out of
                  ///< time
    not_started   ///< see start_error
};

/// What an item's memory was made of.
struct MappedMemory {
    MappedFiles files;  ///< when it was seen to hold the most
    Bytes own;          ///< of no file; the most at any look
};

/// What one process and all it started did.
struct ItemRun {
    Ended ended = Ended::by_itself;
    int exit_code = 0;
    int signal = 0;
    int start_error = 0;       ///< errno
    std::string start_failed;  ///< "start", "enter its directory"
    Seconds seconds;           ///< CLOCK_MONOTONIC, from before its creation to its end
    Seconds user;              ///< of the tree
    Seconds system;
    Seconds queued;  ///< ready to run, or ended and we not let run to see it, while no core was
                     ///< free; of a tree of short-lived processes an upper bound
    double running_beside =
        1;              ///< how many ran at a time, itself included, on average while it ran
    Bytes peak_memory;  ///< of the tree
    MemorySource memory_source = MemorySource::largest_process;
    std::optional<MappedMemory> mapped;  ///< absent: it was not looked at near its peak
    pid_t process = -1;                  ///< its first one
    std::optional<int> threads;  ///< most seen alive at once; absent: too short to be looked at
    std::optional<ReadWritten>
        io;  ///< through read and write calls, by it and the children it waited for
    bool read_from_disk = false;  ///< had to wait for the disk: major page faults or block input
    Bytes out_bytes;
    Bytes err_bytes;
    std::string out;  ///< up to ItemLimits::keep_output
    std::string err;
    bool output_complete = true;  ///< out and err hold everything
    std::string out_tail;         ///< the last 4 KiB
    std::string err_tail;
    int left_running = 0;  ///< processes it left behind and we ended
    int survivors = 0;     ///< that could not be ended

    bool succeeded() const { return ended == Ended::by_itself && exit_code == 0; }
};

/// Bounds how often a running item may be looked at: no more than 1 % of the time goes into
/// looking.
class LookingPace {
public:
    explicit LookingPace(Clock::time_point start);
    Clock::time_point next() const { return next_; }
    /// A look took `cost` of CPU time.
    void looked(Seconds cost);

private:
    Clock::time_point next_;
};

/// A started item. Nothing observes it but the kernel's own accounting, and the few looks
/// LookingPace allows.
class RunningItem {
public:
    /// Starts it; start_failure() says if that did not work. `in` is its input, -1 for /dev/null.
    RunningItem(const SamplingScope&, const ItemCommand&, const ItemLimits&, int in = -1);

    const StartedChild& child() const { return child_; }
    OutputCapture& out() { return out_; }
    OutputCapture& err() { return err_; }
    Clock::time_point deadline() const { return deadline_; }
    Clock::time_point next_look() const { return pace_.next(); }
    void look();
    /// True if its first process has ended (not yet reaped).
    bool has_ended() const;
    /// True if something it started is known to be running still.
    bool has_leftovers() const { return cgroup_ && cgroup_->threads() > 0; }
    /// Reaps it and sums up. It must have ended, or have failed to start; we saw it at `end`,
    /// having queued for `late` to see it.
    ItemRun finish(Clock::time_point end, Ended how, Seconds late = {});

private:
    RunningItem(const SamplingScope&, const ItemCommand&, const ItemLimits&, int in, Pipe out,
                Pipe err);
    void settle_memory(ItemRun&, Bytes largest_process) const;
    void look_at(pid_t);
    void remember(const TreeUsage&);
    Seconds queued(Seconds cpu) const;

    Bytes own_peak_;  ///< of this program as the child was made: its ru_maxrss starts from that
    std::optional<ItemCgroup> cgroup_;
    OutputCapture out_;
    OutputCapture err_;
    std::optional<Seconds> anyone_queued_before_;
    StartedChild child_;
    Clock::time_point deadline_;
    LookingPace pace_;
    Bytes peak_seen_;
    Bytes fullest_;  ///< of looks at which files were read
    MappedMemory mapped_;
    int threads_seen_ = 0;
    std::map<pid_t, Scheduled> scheduled_;  ///< processes of the tree as last seen
};

/// Thrown out of a running sample when SIGINT, SIGTERM or SIGHUP came; the scope's end delivers the
/// signal.
struct Interrupted {};

/// Runs one item to its end and everything it left running too.
ItemRun run_item(const SamplingScope&, const ItemCommand&, const ItemLimits&);

/// Hands out the command for slot 0..width-1; nothing when there are no more.
using NextCommand = std::function<std::optional<ItemCommand>(int slot)>;

/// Keeps `width` items running side by side until there are no more or the first does not succeed;
/// then, and at `round_deadline`, the rest is ended. Results in the order in which they were
/// started.
std::vector<ItemRun> run_side_by_side(const SamplingScope&, int width, const NextCommand&,
                                      const ItemLimits&, Clock::time_point round_deadline);

}  // namespace amorsize::measure
