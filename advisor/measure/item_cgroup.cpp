#include "advisor/measure/item_cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

#include "advisor/measure/cgroup.hpp"
#include "advisor/measure/process_tree.hpp"

namespace amorsize::measure {

namespace {

Bytes number_in(const std::string& path) {
    return {leading_number(read_small_file(path).value_or("")).value_or(0)};
}

Bytes stat_value(const std::string& table, const std::string& key) {
    return {number_of(table, key).value_or(0)};
}

/// Version 1 has the memory controller wherever it is mounted at all; otherwise the unified
/// hierarchy has it.
std::optional<CgroupBase> own_group() {
    const std::vector<CgroupLevel> levels = cgroup_levels(SystemRoot{}, "memory");
    const auto v1 = std::find_if(levels.begin(), levels.end(),
                                 [](const CgroupLevel& level) { return level.version == 1; });
    if (v1 != levels.end()) return CgroupBase{v1->directory, 1};
    if (levels.empty()) return std::nullopt;
    return CgroupBase{levels.front().directory, levels.front().version};
}

bool sets_no_limit(const std::string& group) {
    for (const char* file :
         {"memory.max", "memory.high", "pids.max", "cpu.max", "memory.swap.max"}) {
        const auto text = read_small_file(group + "/" + file);
        if (text && text->rfind("max", 0) != 0) return false;
    }
    const auto cpus = read_small_file(group + "/cpuset.cpus");
    return !cpus || *cpus == "\n" || cpus->empty();
}

bool may_make_groups(const CgroupBase& base) {
    return ItemCgroup::make(base, "amorsize-" + std::to_string(::getpid()) + "-try").has_value();
}

}  // namespace

std::optional<CgroupBase> find_cgroup_base() {
    auto own = own_group();
    if (!own) return std::nullopt;
    if (may_make_groups(*own)) return own;
    if (own->version == 1 || !sets_no_limit(own->path)) return std::nullopt;
    CgroupBase parent{own->path.substr(0, own->path.rfind('/')), own->version};
    if (may_make_groups(parent)) return parent;
    return std::nullopt;
}

std::optional<ItemCgroup> ItemCgroup::make(const CgroupBase& base, const std::string& name) {
    const std::string path = base.path + "/" + name;
    if (::mkdir(path.c_str(), 0755) != 0) return std::nullopt;
    FileDescriptor procs(::open((path + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    ItemCgroup group(path, base.version, std::move(procs));
    const std::string peak = base.version == 1 ? "/memory.max_usage_in_bytes" : "/memory.peak";
    if (group.procs() < 0 || ::access((path + peak).c_str(), R_OK) != 0) return std::nullopt;
    return group;
}

ItemCgroup::~ItemCgroup() {
    if (path_.empty()) return;
    // The kernel takes a moment to notice that the last process has gone.
    for (int attempt = 0; attempt < 20; ++attempt) {
        if (::rmdir(path_.c_str()) == 0 || errno != EBUSY) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

Bytes ItemCgroup::peak() const {
    return number_in(path_ + (version_ == 1 ? "/memory.max_usage_in_bytes" : "/memory.peak"));
}

Bytes ItemCgroup::page_cache() const {
    const std::string stat = read_small_file(path_ + "/memory.stat").value_or("");
    const char* prefix = version_ == 1 ? "total_" : "";
    const Bytes files = stat_value(stat, version_ == 1 ? "total_cache" : "file");
    return files - stat_value(stat, std::string(prefix) +
                                        "shmem");  // tmpfs and shared memory cannot be dropped
}

Bytes ItemCgroup::in_use() const {
    const std::string current = version_ == 1 ? "/memory.usage_in_bytes" : "/memory.current";
    return number_in(path_ + current) - page_cache();
}

int ItemCgroup::threads() const {
    const auto text = read_small_file(path_ + (version_ == 1 ? "/tasks" : "/cgroup.threads"));
    return text ? static_cast<int>(std::count(text->begin(), text->end(), '\n')) : 0;
}

std::vector<pid_t> ItemCgroup::processes() const {
    std::istringstream text(read_small_file(path_ + "/cgroup.procs").value_or(""));
    return {std::istream_iterator<pid_t>(text), std::istream_iterator<pid_t>()};
}

}  // namespace amorsize::measure
