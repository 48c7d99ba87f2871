#pragma once

#include <memory>

#include "mpi/communicator.hpp"
#include "mpi/run/team.hpp"

namespace amorsize::mpi {

/// How ranks draw chunks: one-sidedly where MPI can, by messages to rank 0 where it cannot.
enum class Drawing { automatic, window, messages };

/// The ranks of MPI_COMM_WORLD as a team. Collective. Throws Error (environment) if `drawing` asks
/// for a window that MPI cannot make.
std::unique_ptr<run::Team> make_rank_team(Drawing drawing = Drawing::automatic);

}  // namespace amorsize::mpi
