#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"

struct sqlite3;

namespace amorsize {

/// What makes two runs runs of the same job.
struct JobIdentity {
    std::string command;          ///< the program as it was called
    std::string binary;           ///< content_hash of the program's file; empty: unknown
    std::string arguments;        ///< argument_shape of what followed
    std::string partition_class;  ///< partition and node class it ran on

    friend bool operator==(const JobIdentity&, const JobIdentity&) = default;
};

/// One finished run, or one item of it.
struct FinishedRun {
    JobIdentity job;
    std::int64_t finished_at = 0;  ///< seconds since 1970, from the caller's clock
    std::string outcome;           ///< "completed", "out of memory", "time limit", "failed"
    Seconds seconds;
    std::optional<Bytes> input;
    std::optional<Bytes> peak;
    std::optional<Bytes> requested;
    std::optional<Bytes> predicted_peak;
    std::optional<Seconds> predicted_seconds;
};

/// The arguments with what varies from run to run taken out: every run of digits becomes "#".
std::string argument_shape(const std::vector<std::string>& arguments);

/// A hash of a file's bytes in hexadecimal (64-bit FNV-1a: tells builds apart, guards against
/// nobody); empty if the file cannot be read.
std::string content_hash(const std::string& path);

/// Where a user's history lies: $XDG_STATE_HOME/amorsize/history.sqlite, else below ~/.local/state;
/// empty if neither variable is given. Nothing ever leaves the machine.
std::string history_path(const char* xdg_state_home, const char* home);

/// The runs a user's jobs have finished, in one SQLite file per user, so that no two users share
/// locks or rights. Rollback journal, not a write-ahead log: that one needs memory shared between
/// writers, which network folders do not give. Any number of processes may record at once; each
/// waits up to 5 s for the others. Every failure (locked for longer, a full disk, a damaged file, a
/// file that is not ours) is an Error (environment) that names the file; a file that is not ours is
/// never written to.
class History {
public:
    /// Opens the file, made on first use with rights for its owner alone; missing folders too.
    explicit History(const std::string& path);

    void record(const FinishedRun& run);
    void record(const std::vector<FinishedRun>& runs);  ///< all or none
    /// The latest runs of a job, oldest first. An empty `binary` in `job` matches any.
    std::vector<FinishedRun> find(const JobIdentity& job, int at_most = 1000) const;
    /// Everything, oldest first.
    std::vector<FinishedRun> all() const;
    /// Forgets everything; how many runs that were.
    std::int64_t clear();

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::string path_;
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace amorsize
