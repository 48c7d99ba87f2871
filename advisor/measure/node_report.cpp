#include "advisor/measure/node_report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <numeric>

#include "advisor/core/error.hpp"
#include "advisor/core/text.hpp"
#include "advisor/measure/pinned_threads.hpp"
#include "advisor/measure/topology_source.hpp"

namespace amorsize::measure {

namespace {

std::string first_line(const SystemRoot& root, const std::string& path) {
    const std::string text = read_system_file(root, path).value_or("");
    return text.substr(0, text.find('\n'));
}

std::string host_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

Bytes rounded(Bytes memory) {
    std::int64_t step = 1;
    while (step * 64 <= memory.value) step *= 2;
    return {(memory.value + step / 2) / step * step};
}

Bytes stated_memory(const Topology& topology) {
    Bytes sum{0};
    for (const NumaDomain& domain : topology.domains) sum += domain.memory;
    return sum;
}

void set_described_memory(NodeClass& out) {
    const Bytes stated = stated_memory(out.topology);
    if (stated.value == 0) return;
    out.memory = stated;
    for (const NumaDomain& domain : out.topology.domains) {
        out.memory_per_domain.push_back(domain.memory);
    }
}

// One domain and no other memory: what the kernel says of the whole machine is the better figure.
void set_domain_memory(NodeClass& out, const UsableMemory& memory) {
    if (out.topology.domains.size() == 1 && out.topology.memory_only.empty()) return;
    for (const NumaDomain& domain : out.topology.domains) {
        const auto available = available_on(memory, domain.os_index);
        if (!available) {
            out.memory_per_domain.clear();
            return;
        }
        out.memory_per_domain.push_back(*available);
    }
}

std::string threads_text(double cpus) {
    return fmt::format("{} hardware thread{}", to_text(cpus), cpus == 1 ? "" : "s");
}

std::vector<ResourceLimit> limits_of(const NodeQuick& node) {
    std::vector<ResourceLimit> limits;
    for (const CpuLimit& limit : node.cpus.limits)
        limits.push_back({false, threads_text(limit.cpus), limit.source});
    if (const auto& grant = node.cpus.grant)
        limits.push_back({false, threads_text(grant->cpus), grant->source});
    for (const MemoryLimit& limit : node.memory.limits)
        limits.push_back({true, to_text(limit.available), limit.source});
    return limits;
}

template <class Q>
std::optional<Fraction> spread_of(const std::optional<Measured<Q>>& figure) {
    return figure ? std::optional(figure->spread) : std::nullopt;
}

/// The widest of the domains.
FigureSpreads spreads_of(const NodeReport& report) {
    FigureSpreads spread;
    spread.exec = spread_of(report.spawn.exec);
    spread.fork_per_gib = spread_of(report.spawn.fork_per_gib);
    spread.thread = spread_of(report.spawn.thread);
    spread.smt_yield = spread_of(report.cores.smt_yield);
    spread.all_core_speed = spread_of(report.cores.all_core_speed);
    for (const BandwidthCurve& curve : report.bandwidth.curves) {
        const auto widen = [](std::optional<Fraction>& widest, Fraction one) {
            widest = std::max(widest.value_or(one), one);
        };
        widen(spread.one_core_bandwidth, curve.one_core().spread);
        widen(spread.saturated_bandwidth, curve.saturated().spread);
    }
    return spread;
}

// What goes wrong in one part must not cost the node its other figures.
void run_part(NodeReport& report, const char* what, const std::function<void()>& part) {
    try {
        part();
    } catch (const Error& error) {
        report.unmeasured.push_back({what, error.what()});
    }
}

void append(std::vector<Unmeasured>& all, const std::vector<Unmeasured>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

std::string shape(const Topology& topology) {
    std::string text = fmt::format("{}p l3:{}x{}K", topology.packages, topology.l3_caches,
                                   topology.l3_size / kKiB);
    for (std::size_t i = 0; i < topology.domains.size(); ++i) {
        int threads = 0;
        for (const Core& core : topology.cores) {
            if (core.domain == static_cast<int>(i)) threads += static_cast<int>(core.pus.size());
        }
        text += fmt::format(" d{}:{}c{}t", topology.domains[i].os_index,
                            cores_of_domain(topology, static_cast<int>(i)), threads);
    }
    for (const NumaDomain& domain : topology.memory_only) {
        text += fmt::format(" m{}", domain.os_index);
    }
    const auto& gpus = topology.gpus_per_domain;
    const int gpu_count = std::accumulate(gpus.begin(), gpus.end(), 0);
    if (gpu_count > 0) text += fmt::format(" {}gpu", gpu_count);
    return text;
}

std::string hardware_key(const std::string& cpu_model, const Topology& machine, Bytes installed,
                         const std::string& kernel) {
    return fmt::format("{} | {} | {:.2f} GiB | {}", cpu_model.empty() ? "unknown CPU" : cpu_model,
                       shape(machine), rounded(installed) / kGiB, kernel);
}

NodeQuick measure_quick(const SlurmGrant& grant, const SystemRoot& root) {
    Machine machine = discover_machine();
    NodeQuick node;
    node.host = host_name();
    node.boot_id = first_line(root, "/proc/sys/kernel/random/boot_id");
    node.kernel = first_line(root, "/proc/sys/kernel/osrelease");
    node.cpu_model = machine.cpu_model;
    node.topology_source = machine.source;
    node.this_machine = machine.this_machine;
    node.cpus = usable_cpus(root, grant);
    node.memory = usable_memory(root, grant);
    node.machine = std::move(machine.topology);
    node.topology = node.this_machine ? restrict_to(node.machine, node.cpus) : node.machine;
    const Bytes stated = stated_memory(node.machine);
    const bool described_memory = !node.this_machine && stated.value > 0;
    node.hardware_key =
        hardware_key(node.cpu_model, node.machine,
                     described_memory ? stated : node.memory.installed, node.kernel);
    return node;
}

NodeClass node_class(const NodeQuick& node, const std::string& name) {
    NodeClass out;
    out.name = name;
    out.topology_source = node.topology_source;
    out.topology = node.topology;
    out.memory = node.memory.available;
    if (node.this_machine) {
        set_domain_memory(out, node.memory);
    } else {
        set_described_memory(out);
    }
    out.source = node.this_machine ? Source::measured : Source::given;
    out.origin = node.topology_source;
    if (node.this_machine) out.limits = limits_of(node);
    out.gpus = std::accumulate(out.topology.gpus_per_domain.begin(),
                               out.topology.gpus_per_domain.end(), 0);
    return out;
}

NodeReport measure_full(const NodeQuick& quick, Seconds budget) {
    NodeReport report;
    report.quick = quick;
    if (!quick.this_machine) {
        report.unmeasured.push_back({"spawn cost, bandwidth and core speed",
                                     quick.topology_source + " is not this machine"});
        return report;
    }
    const auto start = std::chrono::steady_clock::now();
    // Spawn first: it forks, and the process has no other threads yet.
    run_part(report, "spawn cost",
             [&] { report.spawn = measure_spawn(quick.memory, budget * 0.2); });
    run_part(report, "core speed",
             [&] { report.cores = measure_core_speed(quick.topology, budget * 0.3); });
    run_part(report, "memory bandwidth", [&] {
        report.bandwidth = measure_bandwidth(quick.topology, quick.memory, budget * 0.5);
    });
    append(report.unmeasured, report.spawn.unmeasured);
    append(report.unmeasured, report.cores.unmeasured);
    append(report.unmeasured, report.bandwidth.unmeasured);
    report.took = since(start);
    return report;
}

NodeClass node_class(const NodeReport& report, const std::string& name) {
    NodeClass out = node_class(report.quick, name);
    out.measured.spawn = spawn_cost(report.spawn);
    out.measured.bandwidth_per_numa = bandwidth_per_numa(report.bandwidth);
    if (report.cores.smt_yield) out.measured.smt_yield = report.cores.smt_yield->value;
    if (report.cores.all_core_speed) {
        out.measured.all_core_speed = report.cores.all_core_speed->value;
    }
    out.measured.spread = spreads_of(report);
    return out;
}

}  // namespace amorsize::measure
