#include "advisor/measure/topology_hwloc.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>
#include <tuple>

#include "advisor/core/error.hpp"

namespace amorsize::measure {

namespace {

std::vector<hwloc_obj_t> objects(hwloc_topology_t topology, hwloc_obj_type_t type) {
    std::vector<hwloc_obj_t> found;
    for (hwloc_obj_t object = nullptr;
         (object = hwloc_get_next_obj_by_type(topology, type, object)) != nullptr;) {
        found.push_back(object);
    }
    return found;
}

std::int64_t memory_of(hwloc_obj_t node) {
    return static_cast<std::int64_t>(node->attr->numanode.local_memory);
}

// Nodes without memory are no domain, unless no node says how much it has.
std::vector<hwloc_obj_t> nodes_with_memory(hwloc_topology_t topology) {
    std::vector<hwloc_obj_t> nodes = objects(topology, HWLOC_OBJ_NUMANODE);
    const auto is_empty = [](hwloc_obj_t node) { return memory_of(node) == 0; };
    if (!std::all_of(nodes.begin(), nodes.end(), is_empty)) {
        nodes.erase(std::remove_if(nodes.begin(), nodes.end(), is_empty), nodes.end());
    }
    return nodes;
}

bool is_special_memory(hwloc_obj_t node) {
    return node->subtype && std::string_view(node->subtype) != "DRAM";
}

hwloc_obj_t local_node(const std::vector<hwloc_obj_t>& nodes, hwloc_obj_t pu) {
    const auto preference = [](hwloc_obj_t node) {
        return std::tuple(is_special_memory(node), hwloc_bitmap_weight(node->cpuset),
                          node->os_index);
    };
    hwloc_obj_t best = nullptr;
    for (hwloc_obj_t node : nodes) {
        if (!node->cpuset || !hwloc_bitmap_isset(node->cpuset, pu->os_index)) continue;
        if (!best || preference(node) < preference(best)) best = node;
    }
    return best;
}

// A core with the hwloc objects it belongs to; they become numbers once all are known.
struct CoreObjects {
    Core core;
    hwloc_obj_t package = nullptr;
    hwloc_obj_t l3 = nullptr;
    hwloc_obj_t node = nullptr;
};

bool kinds_are_ranked(hwloc_topology_t topology) {
    const int kinds = hwloc_cpukinds_get_nr(topology, 0);
    for (int kind = 0; kind < kinds; ++kind) {
        int efficiency = -1;
        hwloc_cpukinds_get_info(topology, static_cast<unsigned>(kind), nullptr, &efficiency,
                                nullptr, nullptr, 0);
        if (efficiency < 0) return false;
    }
    return kinds > 1;
}

std::vector<CoreObjects> find_cores(hwloc_topology_t topology,
                                    const std::vector<hwloc_obj_t>& nodes) {
    const bool has_kinds = kinds_are_ranked(topology);
    std::vector<CoreObjects> cores;
    hwloc_obj_t previous = nullptr;
    for (hwloc_obj_t pu : objects(topology, HWLOC_OBJ_PU)) {
        hwloc_obj* const object = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
        if (!object || object != previous) {
            CoreObjects found;
            found.package = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PACKAGE, pu);
            found.l3 = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_L3CACHE, pu);
            found.node = local_node(nodes, pu);
            if (has_kinds) {
                found.core.kind =
                    std::max(0, hwloc_cpukinds_get_by_cpuset(topology, pu->cpuset, 0));
            }
            cores.push_back(found);
        }
        cores.back().core.pus.push_back(static_cast<int>(pu->os_index));
        previous = object;
    }
    for (CoreObjects& found : cores) std::sort(found.core.pus.begin(), found.core.pus.end());
    return cores;
}

void adopt_orphans(std::vector<CoreObjects>& cores, const std::vector<hwloc_obj_t>& nodes) {
    hwloc_obj_t first = nullptr;
    std::map<hwloc_obj_t, hwloc_obj_t> node_of_package;
    for (const CoreObjects& found : cores) {
        if (!found.node) continue;
        if (!first || found.node->logical_index < first->logical_index) first = found.node;
        node_of_package.try_emplace(found.package, found.node);
    }
    if (!first && !nodes.empty()) first = nodes.front();
    for (CoreObjects& found : cores) {
        if (found.node) continue;
        const auto near = node_of_package.find(found.package);
        found.node = near == node_of_package.end() ? first : near->second;
    }
}

NumaDomain domain_of(hwloc_obj_t node) {
    if (!node) return {};
    return {static_cast<int>(node->os_index), Bytes{memory_of(node)}};
}

// Numbers the objects in hwloc's order. Cores without one share a number per domain.
template <class Member>
int number_objects(std::vector<CoreObjects>& cores, Member object, int Core::*index) {
    constexpr unsigned kNone = ~0U;
    const auto key = [&](const CoreObjects& found) {
        hwloc_obj* const at = found.*object;
        return at ? std::pair(at->logical_index, 0) : std::pair(kNone, found.core.domain);
    };
    std::map<std::pair<unsigned, int>, int> numbers;
    for (const CoreObjects& found : cores) numbers.try_emplace(key(found), 0);
    int count = 0;
    for (auto& [_, number] : numbers) number = count++;
    for (CoreObjects& found : cores) found.core.*index = numbers[key(found)];
    return count;
}

void count_pci_gpus(hwloc_topology_t topology, const std::vector<hwloc_obj_t>& domain_nodes,
                    std::vector<int>& gpus) {
    for (hwloc_obj_t device = nullptr;
         (device = hwloc_get_next_pcidev(topology, device)) != nullptr;) {
        const auto& pci = device->attr->pcidev;
        if (!is_gpu(pci.class_id, pci.vendor_id)) continue;
        hwloc_obj* const near = hwloc_get_non_io_ancestor_obj(topology, device);
        std::size_t domain = 0;
        for (std::size_t i = domain_nodes.size(); i-- > 0;) {
            if (domain_nodes[i] && hwloc_bitmap_intersects(domain_nodes[i]->cpuset, near->cpuset)) {
                domain = i;
            }
        }
        ++gpus[domain];
    }
}

// Our own XML says how many there are instead of listing devices.
void count_noted_gpus(const std::vector<hwloc_obj_t>& domain_nodes, std::vector<int>& gpus) {
    constexpr int kMost = 1024;
    for (std::size_t i = 0; i < domain_nodes.size(); ++i) {
        const char* noted =
            domain_nodes[i] ? hwloc_obj_get_info_by_name(domain_nodes[i], kGpuCountInfo) : nullptr;
        if (noted) gpus[i] = std::clamp(std::atoi(noted), 0, kMost);
    }
}

std::vector<int> count_gpus(hwloc_topology_t topology,
                            const std::vector<hwloc_obj_t>& domain_nodes) {
    std::vector<int> gpus(domain_nodes.size());
    const auto none = [&] {
        return std::all_of(gpus.begin(), gpus.end(), [](int n) { return n == 0; });
    };
    count_pci_gpus(topology, domain_nodes, gpus);
    if (none()) count_noted_gpus(domain_nodes, gpus);
    if (none()) gpus.clear();
    return gpus;
}

}  // namespace

HwlocTopology::HwlocTopology() {
    if (hwloc_topology_init(&handle_) != 0) {
        throw Error(ExitCode::environment, "hwloc cannot be initialised");
    }
    hwloc_topology_set_all_types_filter(handle_, HWLOC_TYPE_FILTER_KEEP_NONE);
    for (hwloc_obj_type_t type : {HWLOC_OBJ_PACKAGE, HWLOC_OBJ_CORE, HWLOC_OBJ_L3CACHE}) {
        hwloc_topology_set_type_filter(handle_, type, HWLOC_TYPE_FILTER_KEEP_ALL);
    }
    hwloc_topology_set_type_filter(handle_, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
}

HwlocTopology::~HwlocTopology() {
    hwloc_topology_destroy(handle_);
}

Topology read_topology(hwloc_topology_t topology) {
    const std::vector<hwloc_obj_t> nodes = nodes_with_memory(topology);
    std::vector<CoreObjects> cores = find_cores(topology, nodes);
    adopt_orphans(cores, nodes);

    Topology out;
    std::map<unsigned, hwloc_obj_t> homes;  // by hwloc's order
    for (const CoreObjects& found : cores) {
        homes.emplace(found.node ? found.node->logical_index : 0, found.node);
    }
    std::map<hwloc_obj_t, int> domain_number;
    std::vector<hwloc_obj_t> domain_nodes;
    for (const auto& [_, node] : homes) {
        domain_number[node] = static_cast<int>(out.domains.size());
        out.domains.push_back(domain_of(node));
        domain_nodes.push_back(node);
    }
    for (hwloc_obj_t node : nodes) {
        if (!domain_number.contains(node)) out.memory_only.push_back(domain_of(node));
    }
    for (CoreObjects& found : cores) found.core.domain = domain_number[found.node];
    std::stable_sort(cores.begin(), cores.end(), [](const CoreObjects& a, const CoreObjects& b) {
        return a.core.domain < b.core.domain;
    });
    out.l3_caches = number_objects(cores, &CoreObjects::l3, &Core::l3);
    hwloc_obj* const l3 = hwloc_get_obj_by_type(topology, HWLOC_OBJ_L3CACHE, 0);
    if (l3) out.l3_size = Bytes{static_cast<std::int64_t>(l3->attr->cache.size)};
    // Without package objects the machine is one package, however many domains it has.
    const bool has_packages = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE) > 0;
    out.packages = has_packages ? number_objects(cores, &CoreObjects::package, &Core::package) : 1;
    for (CoreObjects& found : cores) out.cores.push_back(std::move(found.core));
    out.gpus_per_domain = count_gpus(topology, domain_nodes);
    return out;
}

std::string cpu_model(hwloc_topology_t topology) {
    hwloc_obj* const package = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PACKAGE, 0);
    for (hwloc_obj_t object : {package, hwloc_get_root_obj(topology)}) {
        const char* model = object ? hwloc_obj_get_info_by_name(object, "CPUModel") : nullptr;
        if (model) return model;
    }
    return {};
}

bool is_gpu(unsigned pci_class, unsigned vendor) {
    constexpr unsigned kNvidia = 0x10de, kAmd = 0x1002, kIntel = 0x8086;
    constexpr unsigned kVga = 0x0300, k3d = 0x0302, kOtherDisplay = 0x0380, kAccelerator = 0x1200;
    const bool compute =
        pci_class == k3d || pci_class == kOtherDisplay || pci_class == kAccelerator;
    if (vendor == kNvidia) return compute || pci_class == kVga;
    return compute && (vendor == kAmd || vendor == kIntel);
}

}  // namespace amorsize::measure
