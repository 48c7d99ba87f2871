#include "advisor/measure/topology_xml.hpp"

#include <fmt/format.h>
#include <hwloc.h>
#include <hwloc/memattrs.h>

#include <cstring>
#include <memory>

#include "advisor/core/error.hpp"
#include "advisor/measure/topology_hwloc.hpp"

namespace amorsize::measure {

namespace {

struct FreeBitmap {
    void operator()(hwloc_bitmap_s* bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

[[noreturn]] void fail(const char* action) {
    throw Error(ExitCode::environment,
                fmt::format("hwloc cannot {} the topology: {}", action, std::strerror(errno)));
}

// Of the whole machine, or of one domain.
Bitmap cpuset_of(const Topology& topology, int domain = -1) {
    Bitmap set(hwloc_bitmap_alloc());
    for (const Core& core : topology.cores) {
        if (domain >= 0 && core.domain != domain) continue;
        for (int pu : core.pus) hwloc_bitmap_set(set.get(), static_cast<unsigned>(pu));
    }
    return set;
}

void set_rate(hwloc_topology_t topology, hwloc_memattr_id_t attribute, hwloc_cpuset_t from,
              int memory_node, BytesPerSecond rate) {
    hwloc_obj* const node =
        hwloc_get_numanode_obj_by_os_index(topology, static_cast<unsigned>(memory_node));
    if (!node) return;
    hwloc_location initiator{};
    initiator.type = HWLOC_LOCATION_TYPE_CPUSET;
    initiator.location.cpuset = from;
    const auto mebibytes =
        static_cast<hwloc_uint64_t>(rate.value / static_cast<double>(kMiB.value));
    if (hwloc_memattr_set_value(topology, attribute, node, &initiator, 0, mebibytes) != 0) {
        fail("hold a memory attribute of");
    }
}

void add_bandwidth(hwloc_topology_t topology, const Topology& usable,
                   const BandwidthReport& report) {
    hwloc_memattr_id_t one_core = 0;
    if (hwloc_memattr_register(topology, "OneCoreBandwidth",
                               HWLOC_MEMATTR_FLAG_HIGHER_FIRST | HWLOC_MEMATTR_FLAG_NEED_INITIATOR,
                               &one_core) != 0) {
        fail("add a memory attribute to");
    }
    for (const BandwidthCurve& curve : report.curves) {
        const Bitmap from = cpuset_of(usable, curve.domain);
        const int node = usable.domains[static_cast<std::size_t>(curve.domain)].os_index;
        set_rate(topology, HWLOC_MEMATTR_ID_BANDWIDTH, from.get(), node, curve.saturated().value);
        set_rate(topology, one_core, from.get(), node, curve.one_core().value);
    }
    for (const CrossBandwidth& cross : report.matrix) {
        const Bitmap from = cpuset_of(usable, cross.domain);
        set_rate(topology, one_core, from.get(), cross.memory_node, cross.rate);
    }
}

void note_gpus(hwloc_topology_t topology, const Topology& usable) {
    for (std::size_t i = 0; i < usable.gpus_per_domain.size(); ++i) {
        hwloc_obj* const node = hwloc_get_numanode_obj_by_os_index(
            topology, static_cast<unsigned>(usable.domains[i].os_index));
        if (node && usable.gpus_per_domain[i] > 0) {
            hwloc_obj_add_info(node, kGpuCountInfo,
                               std::to_string(usable.gpus_per_domain[i]).c_str());
        }
    }
}

}  // namespace

std::string topology_xml(const Topology& usable, const BandwidthReport& report) {
    HwlocTopology topology;
    if (hwloc_topology_load(topology.get()) != 0) fail("discover");
    if (hwloc_topology_restrict(topology.get(), cpuset_of(usable).get(), 0) != 0) fail("restrict");
    add_bandwidth(topology.get(), usable, report);
    note_gpus(topology.get(), usable);
    char* buffer = nullptr;
    int length = 0;
    if (hwloc_topology_export_xmlbuffer(topology.get(), &buffer, &length, 0) != 0) fail("export");
    std::string xml(buffer);  // `length` counts the end mark
    hwloc_free_xmlbuffer(topology.get(), buffer);
    return xml;
}

}  // namespace amorsize::measure
