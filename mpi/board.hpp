#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "mpi/communicator.hpp"
#include "mpi/run/team.hpp"

namespace amorsize::mpi {

/// The few numbers of a run that all ranks change: the chunk counter and the sums of the tally.
/// They lie on rank 0.
class Board : public run::SharedCounter {
public:
    virtual void add_to_tally(const run::Tally& more) = 0;
    /// Rank 0 only.
    virtual run::Tally tally() = 0;
    /// Gives what others wait for, and takes what has come. To be called often on every rank.
    virtual void progress() = 0;
    /// To be called until it returns true: then this rank has told all it had to tell, nothing that
    /// rank 0 must answer is under way, and nothing more will be sent. Rank 0 may leave once that
    /// holds of all.
    virtual bool settled() = 0;
    /// Whether others wait for rank 0 to call progress().
    virtual bool needs_service() const = 0;
};

/// Collective. A window that the others reach one-sidedly, so that no rank serves requests. Nothing
/// where MPI has no one-sided communication between these ranks: Open MPI 4 has none over TCP
/// alone.
std::unique_ptr<Board> make_window_board(const Communicator& ranks, bool same_node);

/// Collective. Messages that rank 0's event loop answers: works everywhere, costs rank 0 some
/// microseconds a chunk.
std::unique_ptr<Board> make_message_board(const Communicator& ranks);

}  // namespace amorsize::mpi
