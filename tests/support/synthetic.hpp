#pragma once

#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"

// Machines and jobs made from numbers, for tests of the pure core.
namespace amorsize::synthetic {

struct Shape {
    int packages = 1;
    int domains = 1;  ///< per package
    int cores = 1;    ///< per domain
    int threads = 1;  ///< per core
};

inline Topology topology(const Shape& shape) {
    Topology made;
    made.packages = shape.packages;
    int pu = 0;
    for (int domain = 0; domain < shape.packages * shape.domains; ++domain) {
        made.domains.push_back({domain, Bytes{0}});
        for (int core = 0; core < shape.cores; ++core) {
            Core one{domain / shape.domains, domain, domain, 0, {}};
            for (int thread = 0; thread < shape.threads; ++thread) one.pus.push_back(pu++);
            made.cores.push_back(one);
        }
    }
    made.l3_caches = shape.packages * shape.domains;
    return made;
}

inline NodeClass node_class(const std::string& name, const Shape& shape, Bytes memory) {
    NodeClass made;
    made.name = name;
    made.topology = topology(shape);
    made.memory = memory;
    return made;
}

/// One partition, "main", of `count` nodes of one class; without Slurm if count is 1 and `slurm` is
/// false.
inline Cluster cluster(const NodeClass& node, int count, bool slurm = true) {
    Cluster made;
    made.name = "synthetic";
    if (slurm) made.slurm_version = "22.05.8";
    made.classes = {node};
    Partition main;
    main.name = "main";
    main.is_default = true;
    main.nodes = {{0, count}};
    made.partitions = {main};
    return made;
}

/// `kind: tasks`, items known by time, spread and peak.
inline Manifest job(std::int64_t items, Seconds seconds, double cv = 0,
                    std::optional<Bytes> peak = {}) {
    Manifest made;
    made.name = "job";
    made.directory = "/home/user/job";
    made.mode = Mode::stream;
    made.command.argv = {"./work", "{item}"};
    made.items = ItemRange{0, items};
    made.profile.seconds = seconds;
    made.profile.cv = cv;
    made.profile.peak_memory = peak;
    return made;
}

inline JobProfile known(std::int64_t items) {
    JobProfile made;
    made.items = items;
    return made;
}

}  // namespace amorsize::synthetic
