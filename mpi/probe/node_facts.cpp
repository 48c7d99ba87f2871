#include "mpi/probe/node_facts.hpp"

#include "advisor/core/cluster.hpp"
#include "advisor/measure/topology_xml.hpp"

namespace amorsize::probe {

namespace {

/// Adds figures of one node.
class FigureWriter {
public:
    FigureWriter(NodeGroup& group, const std::string& host) : group_(group), host_(host) {}

    void add(NodeFigure figure, double value, const std::string& note = {}) {
        group_.figure(figure).add({value, host_, note});
    }
    template <class Q>
    void add(NodeFigure figure, const std::optional<Measured<Q>>& measured) {
        if (!measured) return;
        if constexpr (std::is_arithmetic_v<Q>) {
            add(figure, measured->value);
        } else {
            add(figure, measured->value.value);
        }
    }

private:
    NodeGroup& group_;
    const std::string& host_;
};

double bytes(Bytes size) {
    return static_cast<double>(size.value);
}

Bytes installed_memory(const measure::NodeQuick& quick) {
    Bytes stated;
    for (const NumaDomain& domain : quick.machine.domains) stated += domain.memory;
    return quick.this_machine || stated.value == 0 ? quick.memory.installed : stated;
}

}  // namespace

NodeGroup node_facts(const measure::NodeReport& report, const std::string& host) {
    const measure::NodeQuick& quick = report.quick;
    const NodeClass usable = measure::node_class(report, "");
    NodeGroup group;
    group.hardware = quick.hardware_key;
    group.usable = measure::shape(quick.topology);
    group.family = quick.cpu_model + " | " + measure::shape(quick.machine) + " | " + group.usable;
    group.described = describe(quick.topology);
    group.hardware_threads = hardware_threads(quick.topology);
    group.gpus = usable.gpus;
    group.hosts.add(host);
    group.sample_host = host;
    group.topology_xml = measure::topology_xml(quick.topology, report.bandwidth);
    group.memory = usable.memory;
    group.memory_per_domain = usable.memory_per_domain;
    group.spread = usable.measured.spread;
    group.cross_bandwidth = report.bandwidth.matrix;

    FigureWriter figures(group, host);
    figures.add(NodeFigure::installed_memory, bytes(installed_memory(quick)));
    figures.add(NodeFigure::usable_memory, bytes(usable.memory),
                quick.memory.limits.empty() ? "" : quick.memory.limits.front().source);
    figures.add(NodeFigure::exec, report.spawn.exec);
    figures.add(NodeFigure::fork_per_gib, report.spawn.fork_per_gib);
    figures.add(NodeFigure::thread, report.spawn.thread);
    if (const auto& bandwidth = usable.measured.bandwidth_per_numa) {
        figures.add(NodeFigure::one_core_bandwidth, bandwidth->one_core.value);
        figures.add(NodeFigure::saturated_bandwidth, bandwidth->saturated.value);
        if (const auto& cores = bandwidth->saturating_cores)
            figures.add(NodeFigure::saturating_cores, *cores);
    }
    figures.add(NodeFigure::smt_yield, report.cores.smt_yield);
    if (report.cores.one_core_rate > 0)
        figures.add(NodeFigure::core_rate, report.cores.one_core_rate);
    figures.add(NodeFigure::all_core_speed, report.cores.all_core_speed);
    if (report.took.value > 0) figures.add(NodeFigure::measuring, report.took.value);
    for (const measure::Unmeasured& missing : report.unmeasured)
        group.remarks.add(missing.what + " not measured: " + missing.why);
    return group;
}

}  // namespace amorsize::probe
