#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/cli/class_cache.hpp"
#include "advisor/cli/node_findings.hpp"
#include "advisor/cli/surroundings.hpp"
#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"
#include "slurm/cluster_facts.hpp"

namespace amorsize::cli {

/// The cluster whose login or compute node we are on: what Slurm says, within the limits of the
/// job's account, and what its nodes measured of themselves.
class SlurmCluster {
public:
    /// Nothing where Slurm is not installed or knows no cluster. Throws Error (environment) if
    /// there is one and it does not answer.
    static std::optional<SlurmCluster> find(const Surroundings&, const Limits&);

    /// Core speeds are relative to the class that `reference` is an index of.
    Cluster cluster(std::optional<int> reference = std::nullopt) const;
    const slurm::ClusterFacts& facts() const { return facts_; }
    /// What the cluster's figures rest on, for the classes of a partition.
    std::vector<Fact> basis(const std::string& partition) const;

    std::optional<int> class_of_node(const std::string& node) const;
    std::optional<int> class_named(const std::string& name) const;
    bool is_measured(int node_class) const;
    /// Takes in and keeps what a node measured. A node of which the step saw only a part speaks for
    /// its speeds, not for its shape; then a sentence says so.
    std::optional<std::string> take_in(const std::string& node, const MeasuredNode&);

private:
    SlurmCluster(const Surroundings&, const Limits&, slurm::ClusterFacts);

    slurm::ClusterFacts facts_;
    Cluster cluster_;
    ClassCache cache_;
    std::vector<std::optional<CachedClass>> measured_;  ///< by class
    std::vector<bool> fresh_;                           ///< measured just now
};

}  // namespace amorsize::cli
