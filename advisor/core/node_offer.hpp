#pragma once

#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/reason.hpp"

namespace amorsize {

/// Nodes a job may be given: the worst node the scheduler could hand out under this partition and
/// constraint, and how many there are.
struct NodeOffer {
    std::string partition;   ///< empty: no Slurm
    std::string constraint;  ///< feature that restricts the grant to this class; empty: none needed
    std::string node_class;
    std::vector<std::string> classes;  ///< that its nodes may be of
    Topology topology;                 ///< of a core only the hardware threads that every node has
    bool hardware_threads =
        false;     ///< some of these nodes have several a core: Slurm counts them as CPUs
    Bytes memory;  ///< usable by the job on each node
    std::vector<Bytes> memory_per_domain;  ///< by domain
    int gpus = 0;
    NodeFigures figures;
    Source source = Source::given;  ///< NodeClass::source
    std::string origin;
    std::vector<ResourceLimit> limits;
    bool whole_nodes = false;
    int jobs_per_core = 1;  ///< Partition::jobs_per_core
    int nodes_available = 1;
    int nodes_least = 1;                  ///< by the partition or a quality of service
    std::string least_source;             ///< whose minimum that is; empty: nobody's
    int nodes_grantable = 1;              ///< by the partition
    int nodes_allowed = 1;                ///< by the partition and the manifest
    std::optional<Seconds> time_allowed;  ///< by the partition and the manifest
    std::string time_limit_source;        ///< whose limit the partition's is
    std::vector<Reason> reasons;          ///< how the offer came about
};

int physical_cores(const NodeOffer&);

/// Every offer of the cluster under the manifest's limits: for each partition in question each
/// class that a feature can single out, and all classes together planned for the weakest. Classes
/// that are too small for one worker, by the manifest or the largest peak of the profile, are left
/// out under Slurm: a request that holds a worker keeps them out too. Where all are, the largest
/// stay, to say what they lack. Empty offers mean that the partition is unknown or no node satisfies the constraint; `refusal` then
/// says so.
struct Offers {
    std::vector<NodeOffer> offers;
    std::vector<Reason> refusals;
};
Offers find_offers(const Manifest&, const Cluster&, const JobProfile& = {});

}  // namespace amorsize
