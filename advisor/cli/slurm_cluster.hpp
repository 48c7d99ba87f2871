#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advisor/cli/class_cache.hpp"
#include "advisor/cli/surroundings.hpp"
#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/measured_cluster.hpp"
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

    std::optional<int> class_of_node(const std::string& host) const;
    std::optional<int> class_named(const std::string& name) const;
    bool is_measured(int node_class) const;
    /// How srun starts MPI here; empty: by the cluster's default.
    std::string mpi_launch() const;
    /// Nodes of the class that a job in the partition would get at once.
    std::vector<std::string> idle_nodes(int node_class, const std::string& partition) const;
    /// Takes in and keeps what a visit measured. Returns what the reader should know of it: nodes
    /// that stand out, and nodes of which the step saw only a part, so that they speak for their
    /// speeds, not for their shape.
    std::vector<std::string> take_in(const MeasuredCluster&);

private:
    /// What is known of a class beside what Slurm says.
    struct Known {
        std::optional<CachedClass> measured;
        std::string stale;   ///< why an earlier measurement no longer holds
        bool fresh = false;  ///< measured just now
    };

    SlurmCluster(const Surroundings&, const Limits&, slurm::ClusterFacts);

    void take_in(const MeasuredClass&, const MeasuredCluster& visit,
                 std::vector<std::string>& notes);
    std::optional<std::pair<int, const slurm::ClassNode*>> find_node(const std::string& host) const;
    Fact fact_of_nodes() const;
    Fact fact_of_class(std::size_t node_class) const;
    void add_launch(Cluster&, std::optional<int> reference) const;

    slurm::ClusterFacts facts_;
    Cluster cluster_;
    ClassCache cache_;
    std::vector<Known> known_;  ///< by class
};

}  // namespace amorsize::cli
