#pragma once

#include <memory>

#include "mpi/communicator.hpp"
#include "mpi/run/team.hpp"

namespace amorsize::mpi {

/// The ranks of MPI_COMM_WORLD as a team. The counter and the sums lie in a window on rank 0; the
/// others reach them one-sidedly, so no rank serves requests. (Where the network needs the target's
/// help, rank 0's event loop gives it: progress_interval_seconds.)
std::unique_ptr<run::Team> make_rank_team();

}  // namespace amorsize::mpi
