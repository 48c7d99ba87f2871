#pragma once

#include <optional>
#include <vector>

#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/observe_job.hpp"
#include "advisor/cli/surroundings.hpp"
#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/io/items.hpp"

namespace amorsize::cli {

/// Everything the decision is made from, and how it came about.
struct GatheredFacts {
    Cluster cluster;
    Observation observed;
    std::vector<Fact> basis;  ///< beyond what the decision itself lists
    std::optional<JobInstance>
        remembered_as;      ///< in the history, by runs of the plan; nothing: not at all
    bool on_slurm = false;  ///< the cluster is the one whose Slurm answers here
};

/// The cluster (this machine, a saved profile, or Slurm's) and the job's figures (given, or from a
/// sample run here or on a compute node of the target partition). Throws Error.
GatheredFacts gather_facts(const AdviseOptions&, const Manifest&, const ItemList&,
                           const Surroundings&);

}  // namespace amorsize::cli
