#pragma once

#include <functional>
#include <optional>
#include <string>

#include "advisor/core/probe_report.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "mpi/probe/launch_timing.hpp"
#include "mpi/probe/probe_options.hpp"

namespace amorsize::mpi {

/// What a rank needs beside its options.
struct ProbeSetting {
    measure::EnvironmentLookup lookup;
    HostList step_nodes;        ///< as Slurm says; empty elsewhere
    probe::Launcher launcher;   ///< what started us, less what only the root finds out
    std::string spool_trouble;  ///< of the root with the spool: a probe can do without
    /// Called once all ranks have found each other: from then on nobody waits for ever.
    std::function<void()> ranks_met;
    /// Takes the report as it grows: once all nodes are in, then with network and launch cost.
    std::function<void(const probe::ProbeReport&)> deliver;
    /// Takes the whole report, once.
    std::function<void(const probe::ProbeReport&)> conclude;
};

/// How a rank's part ended.
struct ProbeEnd {
    bool all_live = true;  ///< false: somebody is lost, so MPI_Finalize would wait for them
};

/// The part of one rank of MPI_COMM_WORLD in a probe. MPI is initialised.
ProbeEnd probe_as_rank(const probe::ProbeOptions&, const ProbeSetting&);

}  // namespace amorsize::mpi
