#include "advisor/measure/item_cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <sstream>
#include <thread>
#include <vector>

#include "advisor/measure/process_tree.hpp"

namespace amorsize::measure {

namespace {

Bytes number_in(const std::string& path) {
    const auto text = read_small_file(path);
    Bytes number;
    if (text) std::from_chars(text->data(), text->data() + text->size(), number.value);
    return number;
}

/// The value of "name 123" in memory.stat.
Bytes stat_value(const std::string& text, const std::string& name) {
    std::istringstream lines(text);
    std::string key;
    Bytes value;
    while (lines >> key >> value.value) {
        if (key == name) return value;
    }
    return {};
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// "/", "/a/b" as seen below a mount whose root is `root`.
std::optional<std::string> below(const std::string& path, const std::string& root) {
    if (root == "/") return path == "/" ? "" : path;
    if (path == root) return "";
    if (path.rfind(root + "/", 0) == 0) return path.substr(root.size());
    return std::nullopt;
}

struct Membership {
    std::string path;
    int version = 2;
};

/// Version 1's memory controller if it is mounted anywhere, else the unified hierarchy.
std::optional<Membership> memory_membership(const std::string& cgroup_text) {
    std::optional<Membership> unified;
    for (const std::string& line : split(cgroup_text, '\n')) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (contains(split(controllers, ','), "memory"))
            return Membership{line.substr(second + 1), 1};
        if (controllers.empty()) unified = Membership{line.substr(second + 1), 2};
    }
    return unified;
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

std::optional<CgroupBase> own_memory_cgroup(const std::string& cgroup_text,
                                            const std::string& mountinfo_text) {
    const auto membership = memory_membership(cgroup_text);
    if (!membership) return std::nullopt;
    for (const std::string& line : split(mountinfo_text, '\n')) {
        // "36 35 98:0 ROOT MOUNTPOINT options... - TYPE source super,options"
        const std::vector<std::string> fields = split(line, ' ');
        const auto dash = std::find(fields.begin(), fields.end(), "-");
        if (fields.size() < 6 || fields.end() - dash < 4) continue;
        const bool fits = membership->version == 2
                              ? dash[1] == "cgroup2"
                              : dash[1] == "cgroup" && contains(split(dash[3], ','), "memory");
        if (!fits) continue;
        if (const auto path = below(membership->path, fields[3])) {
            return CgroupBase{fields[4] + *path, membership->version};
        }
    }
    return std::nullopt;
}

std::optional<CgroupBase> find_cgroup_base() {
    const auto own = own_memory_cgroup(read_small_file("/proc/self/cgroup").value_or(""),
                                       read_small_file("/proc/self/mountinfo").value_or(""));
    if (!own) return std::nullopt;
    if (may_make_groups(*own)) return own;
    if (own->version == 1 || !sets_no_limit(own->path)) return std::nullopt;
    const CgroupBase parent{own->path.substr(0, own->path.rfind('/')), own->version};
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

}  // namespace amorsize::measure
