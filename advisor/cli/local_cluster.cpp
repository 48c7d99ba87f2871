#include "advisor/cli/local_cluster.hpp"

#include "advisor/measure/topology_source.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "advisor/measure/usable_memory.hpp"

namespace amorsize::cli {

namespace {

NodeClass this_node(const Surroundings& surroundings) {
    const auto grant = measure::slurm_grant(
        [&](const std::string& name) { return surroundings.variable(name); });
    const measure::Machine machine = measure::discover_machine();
    const measure::UsableMemory memory = measure::usable_memory({}, grant);
    NodeClass node;
    node.name = "local";
    node.topology_source = machine.source;
    node.topology = machine.this_machine
                        ? measure::restrict_to(machine.topology, measure::usable_cpus({}, grant))
                        : machine.topology;
    node.memory = memory.available;
    return node;
}

}  // namespace

Cluster local_cluster(const Surroundings& surroundings, bool full) {
    (void)full;
    Cluster cluster;
    cluster.name = "local";
    cluster.classes.push_back(this_node(surroundings));
    Partition only;
    only.name = "local";
    only.is_default = true;
    only.nodes = {{0, 1}};
    cluster.partitions.push_back(std::move(only));
    return cluster;
}

}  // namespace amorsize::cli
