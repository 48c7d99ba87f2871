#pragma once

#include "mpi/probe/probe_options.hpp"
#include "mpi/probe/spool.hpp"
#include "mpi/probe/surroundings.hpp"

namespace amorsize::probe {

/// Where the ranks of a launch report when MPI does not bring them together: a folder of this
/// launch's own, for nobody could say when an earlier probe's reports are gone. It is there once
/// the first of them no longer tries. No folder without a spool, or without a name for the launch.
Spool spool_without_mpi(const ProbeOptions&, const LaunchedRank&);

/// One process of several between which MPI does not work: the first on each node measures it and
/// leaves its report in that spool, which rank 0 watches until all have reported or time is up.
/// `loss` says how this rank was lost; empty if it was not. Returns what there is on rank 0,
/// nothing elsewhere, and leaves the spool. Throws Error (environment) on rank 0 if there is no
/// folder.
std::optional<Collected> probe_without_mpi(const ProbeOptions&, const measure::EnvironmentLookup&,
                                           const LaunchedRank&, const std::string& loss);

/// Whether this rank leaves a report there: the first on a node; another one where nobody knows the
/// nodes, or where it was lost.
bool reports_without_mpi(const ProbeOptions&, const LaunchedRank&, const std::string& loss);

/// A rank was lost after all had met, with this `loss`: its node's report is added to the spool
/// unless it lies there already, and names the loss. Does nothing where others speak for the node
/// or the probe is over. Throws Error (environment) if the spool cannot be written.
void report_for_lost_rank(const ProbeOptions&, const measure::EnvironmentLookup&,
                          const LaunchedRank&, const std::string& loss);

}  // namespace amorsize::probe
