#pragma once

#include "mpi/probe/probe_options.hpp"
#include "mpi/probe/spool.hpp"
#include "mpi/probe/surroundings.hpp"

namespace amorsize::probe {

/// One process of several between which MPI does not work: the first on each node measures it and
/// leaves its report in the spool, which rank 0 watches until all nodes of the step have reported
/// or time is up. Returns what there is on rank 0, nothing elsewhere. Throws Error (environment)
/// without a spool or without a list of the step's nodes, for then nobody knows whom to wait for.
std::optional<Collected> probe_without_mpi(const ProbeOptions&, const measure::EnvironmentLookup&,
                                           const LaunchedRank&);

}  // namespace amorsize::probe
