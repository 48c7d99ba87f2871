#pragma once

#include <string>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize::slurm {

/// The most that one step can have held on one of its nodes, and when it did.
struct StepMemory {
    std::string nodes;  ///< as Slurm writes host lists; empty: not told
    std::string start;  ///< as Slurm writes times; empty: not told
    std::string end;
    Bytes peak;
};

/// What the tasks of a step can have held together on its fullest node. Slurm accounts the largest
/// and the smallest task and the sum; t of n tasks are on a node, so that it held at most
/// min(t x largest, sum - (n - t) x smallest). A sum of 0 is not known.
Bytes fullest_node(Bytes largest, Bytes smallest, Bytes sum, int tasks, int nodes);

/// The most that steps which ran at the same time can have held together on one node: each with its
/// peak, as if all had it at once. Steps whose nodes or times are not told are taken to meet no
/// other.
Bytes most_at_once(const std::vector<StepMemory>&);

}  // namespace amorsize::slurm
