#include "advisor/cli/node_cache.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/cluster_reader.hpp"
#include "advisor/io/cluster_writer.hpp"

namespace amorsize::cli {

namespace fs = std::filesystem;

// FNV-1a.
std::uint64_t fingerprint(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char character : text) {
        hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3U;
    }
    return hash;
}

std::string cache_folder(const Surroundings& surroundings) {
    if (const auto folder = surroundings.variable("XDG_CACHE_HOME");
        folder && fs::path(*folder).is_absolute()) {
        return (fs::path(*folder) / "amorsize").string();
    }
    if (const auto home = surroundings.variable("HOME"); home && fs::path(*home).is_absolute()) {
        return (fs::path(*home) / ".cache" / "amorsize").string();
    }
    return {};
}

NodeCache::NodeCache(const Surroundings& surroundings, const std::string& hardware_key,
                     const std::string& boot_id) {
    const std::string folder = cache_folder(surroundings);
    if (folder.empty() || boot_id.empty()) return;
    path_ = (fs::path(folder) /
             fmt::format("node-{:016x}.yaml", fingerprint(hardware_key + "\n" + boot_id)))
                .string();
}

std::optional<NodeFigures> NodeCache::read() const {
    std::error_code unreadable;
    if (path_.empty() || !fs::is_regular_file(path_, unreadable)) return std::nullopt;
    try {
        // Only the figures are wanted: the shape is read afresh every time.
        const Cluster cached = read_cluster(path_, [](const std::string&, bool) {
            Topology any;
            any.domains.push_back({});
            any.cores.push_back({0, 0, 0, 0, {0}});
            return any;
        });
        return cached.classes.front().measured;
    } catch (const Error&) {
        return std::nullopt;
    }
}

void NodeCache::write(const NodeClass& node) const {
    if (path_.empty()) return;
    Cluster cluster;
    cluster.name = "node";
    cluster.classes = {node};
    cluster.classes.front().topology_source = "core:1";
    cluster.classes.front().memory_per_domain.clear();
    Partition only;
    only.name = "local";
    only.is_default = true;
    only.nodes = {{0, 1}};
    cluster.partitions = {only};
    try {
        fs::create_directories(fs::path(path_).parent_path());
        write_file_atomically(path_, write_cluster(cluster));
    } catch (const std::exception&) {
        // Best effort, see the header.
    }
}

}  // namespace amorsize::cli
