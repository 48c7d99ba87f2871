#pragma once

#include <utility>

#include "advisor/core/rank_figures.hpp"
#include "mpi/run/disk_sync.hpp"
#include "mpi/run/journal.hpp"
#include "mpi/run/output_store.hpp"
#include "mpi/run/team.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// What a rank keeps of attempts that have ended: journal and output on disk, and the sums for its
/// report (`figures`) and for rank 0's progress line.
class Records {
public:
    Records(JournalWriter& journal, OutputWriter& output, DiskSync& disk, RankFigures& figures)
        : journal_(journal), output_(output), disk_(disk), figures_(figures) {}

    void add(const Ended& ended, Outcome outcome);
    /// Takes back what a worker answered that cannot be relied on.
    void withdraw(const Distrusted& worker);
    /// Writes what has gathered: output before journal, so that an item that is recorded as done
    /// has its output on disk. Throws Error (environment) where the disk does not take it, then or
    /// later.
    void commit();
    /// The last call: commits, and waits until all of it would survive the loss of the node.
    void finish();
    /// Items that ended since the last call.
    Tally take_tally() { return std::exchange(tally_, {}); }

private:
    void count(Outcome outcome, std::int64_t items);
    void check_disk() const;

    JournalWriter& journal_;
    OutputWriter& output_;
    DiskSync& disk_;
    RankFigures& figures_;
    Tally tally_;
};

}  // namespace amorsize::run
