#pragma once

#include "advisor/core/job_case.hpp"

namespace amorsize {

/// The program on each offer that takes a rank of it, on as many nodes as it is given.
std::vector<Candidate> program_candidates(const JobCase&);

/// The advice for `kind: mpi`: one program on all ranks, each with `resources.threads` cores. As
/// many ranks a node as cores, memory and GPUs allow, on limits.nodes nodes, or on one where the
/// manifest names none. Wall time is that of the runs known; how it changes with the ranks is not,
/// and a warning says so.
Advice advise_mpi_program(const JobCase&);

}  // namespace amorsize
