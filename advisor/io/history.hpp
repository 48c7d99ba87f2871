#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/finished_run.hpp"
#include "advisor/core/manifest.hpp"

struct sqlite3;

namespace amorsize {

/// A hash of a file's bytes in hexadecimal (64-bit FNV-1a: tells builds apart, guards against
/// nobody); empty if the file cannot be read.
std::string content_hash(const std::string& path);

/// The value of an environment variable.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

/// Where a user's history lies: what AMORSIZE_HISTORY says, else
/// $XDG_STATE_HOME/amorsize/history.sqlite, else below ~/.local/state; empty if AMORSIZE_HISTORY
/// is, or if none of the variables is given. Nothing ever leaves the machine.
std::string history_path(const Variables&);
/// Where `amorsize-report --remember` keeps what jobs took, for the cli_filter: beside the history.
std::string used_before_path(const Variables&);
/// history_path for a job that may use it; empty with AMORSIZE_DISABLE=1, if the manifest says
/// `history: false`, and for jobs that amorsize-run does not hand items out to (mode program, kind
/// mpi).
std::string history_in_use(const Manifest&, const Variables&);

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
    /// The latest runs of a command on a class of nodes, oldest first.
    std::vector<FinishedRun> find(const std::string& command, const std::string& partition_class,
                                  int at_most = 50) const;
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
