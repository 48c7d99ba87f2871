#include "advisor/measure/usable_cpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "advisor/core/error.hpp"

namespace amorsize::measure {

namespace {

// A quota of 3.999 CPUs (period rounding) still runs four threads.
constexpr double kQuotaSlack = 0.01;

std::vector<int> intersect(const std::vector<int>& a, const std::vector<int>& b) {
    std::vector<int> both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    return both;
}

std::vector<int> online_cpus(const SystemRoot& root) {
    return parse_number_list(read_system_file(root, "/sys/devices/system/cpu/online").value_or(""));
}

struct Cpuset {
    std::string source;
    std::vector<int> pus;
};

// The effective set of the nearest group that has one; those of its ancestors contain it.
std::optional<Cpuset> cgroup_cpuset(const SystemRoot& root) {
    for (const CgroupLevel& level : cgroup_levels(root, "cpuset")) {
        for (const char* file : {"cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus"}) {
            const auto text = read_cgroup_file(root, level, file);
            if (!text || text->empty()) continue;
            std::vector<int> pus = parse_number_list(*text);
            if (!pus.empty()) return Cpuset{level.source(file), std::move(pus)};
        }
    }
    return std::nullopt;
}

std::optional<CpuLimit> quota_of(const SystemRoot& root, const CgroupLevel& level) {
    const char* file = level.version == 2 ? "cpu.max" : "cpu.cfs_quota_us";
    const std::string text = read_cgroup_file(root, level, file).value_or("");
    const auto quota = leading_number(text);
    if (!quota || *quota == 0) return std::nullopt;
    const std::string period_text =
        level.version == 2 ? text.substr(std::min(text.find(' '), text.size()))
                           : read_cgroup_file(root, level, "cpu.cfs_period_us").value_or("");
    const auto period = leading_number(period_text);
    if (!period || *period == 0) return std::nullopt;
    return CpuLimit{level.source(file), static_cast<double>(*quota) / static_cast<double>(*period)};
}

void order_limits(UsableCpus& usable) {
    const auto pointless = [&](const CpuLimit& limit) { return limit.cpus >= usable.installed; };
    usable.limits.erase(std::remove_if(usable.limits.begin(), usable.limits.end(), pointless),
                        usable.limits.end());
    std::stable_sort(usable.limits.begin(), usable.limits.end(),
                     [](const CpuLimit& a, const CpuLimit& b) { return a.cpus < b.cpus; });
}

// --- restricting a topology ---

bool contains(const std::vector<int>& sorted, int number) {
    return std::binary_search(sorted.begin(), sorted.end(), number);
}

void keep_pus(Topology& topology, const std::vector<int>& allowed) {
    for (Core& core : topology.cores) {
        core.pus.erase(std::remove_if(core.pus.begin(), core.pus.end(),
                                      [&](int pu) { return !contains(allowed, pu); }),
                       core.pus.end());
    }
}

std::vector<int> cores_per_domain(const Topology& topology) {
    std::vector<int> cores(topology.domains.size());
    for (const Core& core : topology.cores) {
        if (!core.pus.empty()) ++cores[static_cast<std::size_t>(core.domain)];
    }
    return cores;
}

void drop_last_core_of(Topology& topology, int domain) {
    for (auto core = topology.cores.rbegin(); core != topology.cores.rend(); ++core) {
        if (core->domain == domain && !core->pus.empty()) {
            core->pus.clear();
            return;
        }
    }
}

void apply_quota(Topology& topology, int quota) {
    int threads = hardware_threads(topology);
    for (auto core = topology.cores.rbegin(); core != topology.cores.rend(); ++core) {
        while (threads > quota && core->pus.size() > 1) {
            core->pus.pop_back();
            --threads;
        }
    }
    std::vector<int> cores = cores_per_domain(topology);
    for (; threads > quota; --threads) {
        // The last of the fullest, so that the first domains keep one core longest.
        const auto fullest = std::max_element(cores.rbegin(), cores.rend());
        drop_last_core_of(topology, static_cast<int>(cores.rend() - fullest) - 1);
        --*fullest;
    }
}

// Domains whose memory is denied to us: their cores allocate from another one.
void rehome_cores(Topology& topology, const std::vector<int>& memory_nodes) {
    const auto denied = [&](const NumaDomain& domain) {
        return !contains(memory_nodes, domain.os_index);
    };
    topology.memory_only.erase(
        std::remove_if(topology.memory_only.begin(), topology.memory_only.end(), denied),
        topology.memory_only.end());
    int first_allowed = -1;
    std::map<int, int> home_in_package;
    for (const Core& core : topology.cores) {
        if (denied(topology.domains[static_cast<std::size_t>(core.domain)])) continue;
        home_in_package.try_emplace(core.package, core.domain);
        if (first_allowed < 0) first_allowed = core.domain;
    }
    if (first_allowed < 0) return;  // only CPU-less memory is ours; the cores keep their numbers
    for (Core& core : topology.cores) {
        if (!denied(topology.domains[static_cast<std::size_t>(core.domain)])) continue;
        const auto home = home_in_package.find(core.package);
        core.domain = home == home_in_package.end() ? first_allowed : home->second;
    }
    std::stable_sort(topology.cores.begin(), topology.cores.end(),
                     [](const Core& a, const Core& b) { return a.domain < b.domain; });
}

void renumber(Topology& topology, int Core::*index, int& count) {
    std::map<int, int> numbers;
    for (const Core& core : topology.cores) numbers.try_emplace(core.*index, 0);
    count = 0;
    for (auto& [old, number] : numbers) number = count++;
    for (Core& core : topology.cores) core.*index = numbers[core.*index];
}

void drop_empty_domains(Topology& topology, const std::vector<int>& memory_nodes) {
    const std::vector<int> cores = cores_per_domain(topology);
    std::vector<int> number(topology.domains.size());
    std::vector<NumaDomain> domains;
    std::vector<int> gpus;
    int homeless_gpus = 0;
    for (std::size_t i = 0; i < topology.domains.size(); ++i) {
        const int here = topology.gpus_per_domain.empty() ? 0 : topology.gpus_per_domain[i];
        number[i] = static_cast<int>(domains.size());
        if (cores[i] > 0) {
            domains.push_back(topology.domains[i]);
            gpus.push_back(here);
            continue;
        }
        homeless_gpus += here;
        if (memory_nodes.empty() || contains(memory_nodes, topology.domains[i].os_index)) {
            topology.memory_only.push_back(topology.domains[i]);
        }
    }
    if (!gpus.empty()) gpus.front() += homeless_gpus;
    if (topology.gpus_per_domain.empty()) gpus.clear();
    for (Core& core : topology.cores) core.domain = number[static_cast<std::size_t>(core.domain)];
    topology.domains = std::move(domains);
    topology.gpus_per_domain = std::move(gpus);
    std::stable_sort(
        topology.memory_only.begin(), topology.memory_only.end(),
        [](const NumaDomain& a, const NumaDomain& b) { return a.os_index < b.os_index; });
}

}  // namespace

SlurmGrant slurm_grant(const EnvironmentLookup& environment) {
    const auto number = [&](const char* name) {
        return leading_number(environment(name).value_or(""));
    };
    const auto mebibytes = [&](const char* name) -> std::optional<Bytes> {
        const auto value = number(name);
        constexpr long long kMost = 1LL << 40;  // 2^60 bytes: beyond is no size of a node
        if (!value || *value == 0 || *value > kMost) return std::nullopt;
        return Bytes{*value * kMiB.value};
    };
    SlurmGrant grant;
    const auto cpus = number("SLURM_CPUS_ON_NODE");
    if (cpus && *cpus > 0 && *cpus < 1'000'000) grant.cpus = static_cast<int>(*cpus);
    grant.memory_per_node = mebibytes("SLURM_MEM_PER_NODE");
    grant.memory_per_cpu = mebibytes("SLURM_MEM_PER_CPU");
    return grant;
}

int UsableCpus::whole() const {
    return std::max(1, static_cast<int>(std::floor(cpus + kQuotaSlack)));
}

UsableCpus usable_cpus(const SystemRoot& root, const SlurmGrant& grant) {
    UsableCpus usable;
    usable.pus = parse_number_list(process_status_field(root, "Cpus_allowed_list"));
    if (usable.pus.empty()) {
        throw Error(ExitCode::environment,
                    fmt::format("{}/proc/self/status: no Cpus_allowed_list to read", root.prefix),
                    "mount /proc");
    }
    usable.memory_nodes = parse_number_list(process_status_field(root, "Mems_allowed_list"));
    const std::vector<int> online = online_cpus(root);
    if (!online.empty()) {  // an affinity mask may name CPUs that do not exist
        const std::vector<int> present = intersect(usable.pus, online);
        if (!present.empty()) usable.pus = present;
    }
    usable.installed = static_cast<int>(online.empty() ? usable.pus.size() : online.size());

    // The kernel keeps affinity within the cpuset: an affinity no smaller than it is the cpuset's
    // doing.
    const std::size_t affinity = usable.pus.size();
    const std::optional<Cpuset> cpuset = cgroup_cpuset(root);
    if (cpuset) {
        usable.limits.push_back({cpuset->source, static_cast<double>(cpuset->pus.size())});
        const std::vector<int> both = intersect(usable.pus, cpuset->pus);
        if (!both.empty()) usable.pus = both;
    }
    if (!cpuset || affinity < cpuset->pus.size()) {
        usable.limits.push_back({"CPU affinity", static_cast<double>(affinity)});
    }
    usable.cpus = static_cast<double>(usable.pus.size());
    for (const CgroupLevel& level : cgroup_levels(root, "cpu")) {
        const std::optional<CpuLimit> quota = quota_of(root, level);
        if (!quota) continue;
        usable.limits.push_back(*quota);
        usable.cpus = std::min(usable.cpus, quota->cpus);
    }
    order_limits(usable);
    if (grant.cpus) {
        usable.grant = CpuLimit{"Slurm SLURM_CPUS_ON_NODE", static_cast<double>(*grant.cpus)};
    }
    return usable;
}

Topology restrict_to(const Topology& machine, const UsableCpus& usable) {
    Topology topology = machine;
    keep_pus(topology, usable.pus);
    if (hardware_threads(topology) == 0) {
        throw Error(
            ExitCode::environment,
            fmt::format("this process may run on {} hardware threads, none of which is in the "
                        "topology ({})",
                        usable.pus.size(), describe(machine)),
            "unset HWLOC_XMLFILE and HWLOC_SYNTHETIC, or describe this machine");
    }
    if (!usable.memory_nodes.empty()) rehome_cores(topology, usable.memory_nodes);
    apply_quota(topology, usable.whole());
    drop_empty_domains(topology, usable.memory_nodes);
    topology.cores.erase(std::remove_if(topology.cores.begin(), topology.cores.end(),
                                        [](const Core& core) { return core.pus.empty(); }),
                         topology.cores.end());
    renumber(topology, &Core::package, topology.packages);
    renumber(topology, &Core::l3, topology.l3_caches);
    return topology;
}

}  // namespace amorsize::measure
