#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/cli/surroundings.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/measured_cluster.hpp"
#include "slurm/cluster_facts.hpp"

namespace amorsize::cli {

/// What a node of a class once measured, as the cache kept it.
struct CachedClass {
    std::string node;  ///< that measured
    Topology topology;
    std::string topology_file;
    NodeFigures figures;               ///< without core_speed
    double one_core_rate = 0;          ///< 0 if unknown
    std::optional<LaunchCost> launch;  ///< and below: what was measured between nodes on that visit
    std::optional<Seconds> dispatch;
    std::optional<MpiFacts> mpi;
};

/// What the cache knows of a class.
struct CacheAnswer {
    std::optional<CachedClass> known;
    std::string stale;  ///< why what was kept no longer holds: "n1 has booted since"
};

/// Measured node classes of clusters, kept between runs in the user's cache folder: for each a
/// cluster profile and an hwloc XML file. A class is known by the cluster's name and what Slurm
/// says of its hardware. It is stale once the node that measured has booted again, runs another
/// system, or is of the class no more.
class ClassCache {
public:
    ClassCache(const Surroundings&, std::string cluster);

    CacheAnswer read(const NodeClass& as_slurm_says, const std::vector<slurm::ClassNode>&) const;
    /// Best effort. `visit` is what else was measured on the visit. The topology is read back from
    /// what was written, or from a file that is gone afterwards where there is no cache folder.
    /// Throws Error if it is none.
    CachedClass write(const NodeClass& as_slurm_says, const slurm::ClassNode& node,
                      const MeasuredClass&, const MeasuredCluster& visit) const;

private:
    std::string stem(const NodeClass&) const;

    std::string folder_;  ///< empty: no place to keep it
    std::string cluster_;
};

}  // namespace amorsize::cli
