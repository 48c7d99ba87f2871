#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/finished_run.hpp"
#include "advisor/io/sqlite_file.hpp"

namespace amorsize {

/// A run that had begun when it was last heard of.
struct BegunRun {
    std::int64_t row = 0;   ///< where the history has it
    std::string slurm_job;  ///< its SLURM_JOB_ID: accounting tells what became of it
    FinishedRun so_far;     ///< as planned; finished_at: when it began
};

/// The runs a user's jobs have finished or begun, in one SQLite file per user, so that no two users
/// share locks or rights. Rollback journal, not a write-ahead log: that one needs memory shared
/// between writers, which network folders do not give. Any number of processes may record at once;
/// each waits up to 5 s for the others. Every failure (locked for longer, a full disk, a damaged
/// file, a file that is not ours) is an Error (environment) that names the file; a file that is not
/// ours is never written to.
class History {
public:
    /// Opens the file, made on first use with rights for its owner alone; missing folders too.
    explicit History(const std::string& path);

    /// Keeps a run. An element of a job array becomes one run with those of its array that are
    /// there already (with_element).
    void record(const FinishedRun& run);
    void record(const std::vector<FinishedRun>& runs);  ///< all or none
    /// Notes that a run has begun, so that it is known of even if it is killed outright.
    BegunRun begin(const std::string& slurm_job, const FinishedRun& planned);
    /// What became of it; nothing: it had nothing to tell.
    void end(const BegunRun& begun, const std::optional<FinishedRun>& run);
    /// The begun runs of a command on a class of nodes, oldest first.
    std::vector<BegunRun> begun(const std::string& command,
                                const std::string& partition_class) const;
    std::int64_t count_begun() const;
    /// The latest runs of a command on a class of nodes, oldest first.
    std::vector<FinishedRun> find(const std::string& command, const std::string& partition_class,
                                  int at_most = 50) const;
    /// All that have ended, oldest first.
    std::vector<FinishedRun> all() const;
    /// Forgets everything; how many finished runs that were.
    std::int64_t clear();

private:
    SqliteFile file_;
};

}  // namespace amorsize
