#include "advisor/cli/class_cache.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "advisor/cli/node_cache.hpp"
#include "advisor/cli/passing_file.hpp"
#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/cluster_reader.hpp"
#include "advisor/io/cluster_writer.hpp"
#include "advisor/measure/topology_source.hpp"
#include "slurm/submit.hpp"

namespace amorsize::cli {

namespace fs = std::filesystem;

namespace {

// A profile's core_speed compares classes: that of a class is told against this rate.
constexpr double kReferenceRate = 1e9;
// Slurm works a boot time out from the uptime, a second more or less.
constexpr Seconds kBootTolerance{5};

std::string identity(const slurm::ClassNode& node) {
    return fmt::format("# measured on {} | booted {} | {}", node.name, node.boot_time, node.system);
}

bool same_boot(const std::string& a, const std::string& b) {
    if (a == b) return true;
    const auto later = slurm::wait_between(a, b);
    const auto earlier = slurm::wait_between(b, a);
    return later && earlier && *later <= kBootTolerance && *earlier <= kBootTolerance;
}

struct Written {
    std::string node;
    std::string boot_time;
    std::string system;
};

std::optional<Written> read_identity(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    const std::string head = "# measured on ";
    const auto booted = line.find(" | booted ");
    const auto system = line.find(" | ", booted == line.npos ? booted : booted + 1);
    if (!line.starts_with(head) || booted == line.npos || system == line.npos) return std::nullopt;
    const auto boot_at = booted + std::string(" | booted ").size();
    return Written{line.substr(head.size(), booted - head.size()),
                   line.substr(boot_at, system - boot_at), line.substr(system + 3)};
}

/// Why what was written no longer holds; empty if it does.
std::string why_stale(const Written& written, const std::vector<slurm::ClassNode>& nodes) {
    const auto node = std::find_if(nodes.begin(), nodes.end(),
                                   [&](const auto& one) { return one.name == written.node; });
    if (node == nodes.end()) return written.node + " is not of this class any more";
    if (node->boot_time.empty()) return "Slurm does not say when " + written.node + " booted";
    if (!same_boot(node->boot_time, written.boot_time)) return written.node + " has booted since";
    if (node->system != written.system) return written.node + " runs another system now";
    return {};
}

std::string profile_text(const std::string& cluster_name, const NodeClass& as_slurm_says,
                         const CachedClass& measured, const std::string& xml_name) {
    Cluster cluster;
    cluster.name = cluster_name;
    cluster.mpi = measured.mpi;
    cluster.launch = measured.launch;
    cluster.dispatch = measured.dispatch;
    cluster.classes = {as_slurm_says};
    NodeClass& node = cluster.classes.front();
    node.topology_source = xml_name;
    node.memory_per_domain.clear();
    node.measured = measured.figures;
    if (measured.one_core_rate > 0)
        node.measured.core_speed = measured.one_core_rate / kReferenceRate;
    return write_cluster(cluster);
}

CachedClass cached_class(const std::string& node, const Cluster& profile, const std::string& xml) {
    const NodeClass& known = profile.classes.front();
    CachedClass cached;
    cached.node = node;
    cached.topology = known.topology;
    cached.topology_file = xml;
    cached.figures = known.measured;
    cached.one_core_rate = cached.figures.core_speed.value_or(0) * kReferenceRate;
    cached.figures.core_speed.reset();
    cached.launch = profile.launch;
    cached.dispatch = profile.dispatch;
    cached.mpi = profile.mpi;
    return cached;
}

Topology topology_of(const std::string& xml) {
    const PassingFile file(xml);
    return measure::topology_from_xml(file.path());
}

}  // namespace

ClassCache::ClassCache(const Surroundings& surroundings, std::string cluster)
    : folder_(cache_folder(surroundings)), cluster_(std::move(cluster)) {}

std::string ClassCache::stem(const NodeClass& node) const {
    const std::string key =
        fmt::format("{}\n{}\n{}\n{}\n{}", cluster_, node.topology_source, node.memory.value,
                    node.gpus, fmt::join(node.features, ","));
    return (fs::path(folder_) / fmt::format("class-{:016x}", fingerprint(key))).string();
}

CacheAnswer ClassCache::read(const NodeClass& as_slurm_says,
                             const std::vector<slurm::ClassNode>& nodes) const {
    if (folder_.empty()) return {};
    const std::string path = stem(as_slurm_says);
    std::error_code unreadable;
    // Whatever else lies there might keep its reader for ever.
    if (!fs::is_regular_file(path + ".yaml", unreadable)) return {};
    const auto written = read_identity(path + ".yaml");
    if (!written) return {};
    if (const std::string stale = why_stale(*written, nodes); !stale.empty()) return {{}, stale};
    try {
        const Cluster profile =
            read_cluster(path + ".yaml", [](const std::string& source, bool is_file) {
                return is_file ? measure::topology_from_xml(source)
                               : measure::topology_from_synthetic(source);
            });
        return {cached_class(written->node, profile, path + ".xml"), {}};
    } catch (const Error&) {
        return {{}, "its file in the cache is damaged"};
    }
}

CachedClass ClassCache::write(const NodeClass& as_slurm_says, const slurm::ClassNode& node,
                              const MeasuredClass& measured, const MeasuredCluster& visit) const {
    CachedClass fresh{node.name,
                      topology_of(measured.topology_xml),
                      {},
                      measured.figures,
                      measured.one_core_rate,
                      visit.launch,
                      visit.dispatch,
                      visit.mpi};
    if (folder_.empty()) return fresh;
    const fs::path path = stem(as_slurm_says);
    try {
        fs::create_directories(path.parent_path());
        const std::string xml = path.filename().string() + ".xml";
        write_file_atomically(path.string() + ".xml", measured.topology_xml);
        write_file_atomically(
            path.string() + ".yaml",
            identity(node) + "\n" + profile_text(cluster_, as_slurm_says, fresh, xml));
        fresh.topology_file = path.string() + ".xml";
    } catch (const std::exception&) {
        // Best effort, see the header.
    }
    return fresh;
}

}  // namespace amorsize::cli
