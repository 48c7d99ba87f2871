#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize::measure {

/// One process as /proc shows it.
struct ProcessEntry {
    pid_t pid = 0;
    pid_t parent = 0;
    bool ended = false;  ///< a zombie: nothing runs any more
};

/// The start of a small file of /proc or the cgroup file system; nothing if it cannot be read.
std::optional<std::string> read_small_file(const std::string& path);

/// Every process we can see. Costs some 10 us a process.
std::vector<ProcessEntry> list_processes();

/// Everything below `root` (without it) in that list, and nothing below or among `except`.
std::vector<ProcessEntry> descendants(const std::vector<ProcessEntry>&, pid_t root,
                                      const std::set<pid_t>& except = {});

/// What a process maps of a file or of shared memory; pages it changed for itself are not among it.
struct MappedFile {
    Bytes resident;
    Bytes extent;  ///< mapped, resident or not; no more than the file has
};
/// By device, inode and time of change: the inode of a removed file is given to the next one at
/// once.
using MappedFiles = std::map<std::string, MappedFile>;

/// Of each file the most that one of the processes maps. Files that are gone are left out, for a
/// later process cannot map them; System V segments, which never had a name, are not. Walks the
/// page tables: some 30 ms for each GiB of small pages.
MappedFiles mapped_files(const std::vector<pid_t>&);

/// What some processes hold at one moment. Processes that end meanwhile count as nothing.
struct TreeUsage {
    Bytes memory;  ///< proportional set size: a page that n processes share counts 1/n to each
    Bytes resident;
    Bytes anonymous;  ///< of that, pages of no file
    int threads = 0;
    std::vector<pid_t> processes;
};
TreeUsage usage_of(const std::vector<pid_t>&);

/// Of the tree of `root`, itself included.
TreeUsage tree_usage(pid_t root);

/// What /proc/PID/io says of a process and of the descendants it has waited for; works for zombies.
/// Counts what passed through read and write calls: pipes and cached files too, mapped files not.
struct ReadWritten {
    Bytes read;
    Bytes written;
};
std::optional<ReadWritten> read_written(pid_t pid);

/// How the scheduler treated the first thread of a process; works for zombies.
struct Scheduled {
    Seconds on_cpu;
    Seconds queued;  ///< ready to run, but no core was free
};
std::optional<Scheduled> scheduled(pid_t pid);

/// Tells for how long the calling thread was ready to run but no core was free.
class OwnQueueing {
public:
    /// Since the last call, or the making of this.
    Seconds since_last();

private:
    Seconds before_ = total();
    static Seconds total();
};

/// For how long, since the start of the machine, some process anywhere on it was queued for a core.
/// Absent where the kernel does not say (/proc/pressure).
std::optional<Seconds> anyone_queued();

/// CPU time of processes that were reaped.
struct CpuTime {
    Seconds user;
    Seconds system;
};

/// What end_descendants did.
struct Ending {
    int processes = 0;  ///< that were still running
    int survivors = 0;  ///< that even SIGKILL did not end in 10 s (waiting for a dead file server)
    CpuTime cpu;        ///< of those that became our children and were reaped
};

/// True if this process has no child but `except`, running or not. Costs one system call when we
/// have none at all.
bool no_children_but(const std::set<pid_t>& except);

/// Ends everything below us except `except` and what is below it: SIGTERM, after `grace` SIGKILL,
/// and again until nothing is left. Finds daemonised processes too if we are a subreaper
/// (PR_SET_CHILD_SUBREAPER). Reaps all of them but `keep_status`, whose exit status the caller
/// wants.
Ending end_descendants(const std::set<pid_t>& except, const std::set<pid_t>& keep_status,
                       Seconds grace);

}  // namespace amorsize::measure
