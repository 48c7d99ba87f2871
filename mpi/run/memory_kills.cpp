#include "mpi/run/memory_kills.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace amorsize::run {

namespace {

namespace fs = std::filesystem;

/// The innermost counter file there is, for a cgroup path below one of the usual mounts.
/// memory.events of a cgroup counts what is below it too.
std::vector<std::string> counter_files() {
    std::ifstream groups("/proc/self/cgroup");
    std::vector<std::string> files;
    for (std::string line; std::getline(groups, line);) {
        std::istringstream fields(line);
        std::string id;
        std::string controllers;
        std::string path;
        std::getline(fields, id, ':');
        std::getline(fields, controllers, ':');
        std::getline(fields, path);
        const bool unified = controllers.empty();
        if (!unified && ("," + controllers + ",").find(",memory,") == std::string::npos) continue;
        const char* file = unified ? "memory.events" : "memory.oom_control";
        for (const char* mount :
             {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/memory"}) {
            for (fs::path group = path; !group.empty(); group = group.parent_path()) {
                const fs::path candidate = mount + group.string() + "/" + file;
                std::error_code ignored;
                if (fs::exists(candidate, ignored)) {
                    files.push_back(candidate.string());
                    break;
                }
                if (group == group.parent_path()) break;
            }
        }
    }
    return files;
}

}  // namespace

MemoryKills::MemoryKills() : MemoryKills(counter_files()) {}

MemoryKills::MemoryKills(std::vector<std::string> files)
    : files_(std::move(files)), seen_(total()) {}

std::optional<std::int64_t> MemoryKills::total() const {
    std::optional<std::int64_t> sum;
    for (const std::string& file : files_) {
        std::ifstream text(file);
        std::string key;
        std::int64_t value = 0;
        while (text >> key >> value) {
            if (key == "oom_kill") sum = sum.value_or(0) + value;
        }
    }
    return sum;
}

std::int64_t MemoryKills::new_kills() {
    const auto now = total();
    if (!now || !seen_) return 0;
    const std::int64_t before = std::exchange(*seen_, *now);
    return *now - before;
}

}  // namespace amorsize::run
