#include "advisor/cli/local_cluster.hpp"

#include "advisor/cli/node_cache.hpp"
#include "advisor/cli/program.hpp"
#include "advisor/measure/node_report.hpp"

namespace amorsize::cli {

namespace {

NodeClass this_node(const Surroundings& surroundings, Probing probing) {
    const auto grant =
        measure::slurm_grant([&](const std::string& name) { return surroundings.variable(name); });
    const measure::NodeQuick quick = measure::measure_quick(grant);
    NodeClass node = measure::node_class(quick, "local");
    if (!quick.this_machine) return node;

    const NodeCache cache(surroundings, quick.hardware_key, quick.boot_id);
    const auto cached = probing == Probing::again ? std::nullopt : cache.read();
    if (cached) {
        node.measured = *cached;
    } else if (probing != Probing::quick) {
        if (surroundings.progress_to_terminal) tell("\r\033[Kmeasuring this machine, about 4 s");
        node = measure::node_class(measure::measure_full(quick), "local");
        if (surroundings.progress_to_terminal) tell("\r\033[K");
        cache.write(node);
    }
    return node;
}

}  // namespace

Cluster local_cluster(const Surroundings& surroundings, Probing probing) {
    Cluster cluster;
    cluster.name = "local";
    cluster.classes.push_back(this_node(surroundings, probing));
    Partition only;
    only.name = "local";
    only.is_default = true;
    only.nodes = {{0, 1}};
    cluster.partitions.push_back(std::move(only));
    return cluster;
}

}  // namespace amorsize::cli
