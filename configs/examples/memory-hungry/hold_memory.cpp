// Fills an eighth of one core's share of the memory: one item of the memory-hungry example.
// Sized by the machine it runs on, so that what the example shows is true of any machine.

#include <sched.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

namespace {

std::int64_t installed_memory() {
    std::ifstream meminfo("/proc/meminfo");
    std::string word;
    std::int64_t kib = 0;
    while (meminfo >> word) {
        if (word == "MemTotal:" && meminfo >> kib) return kib * 1024;
    }
    return 0;
}

// The smallest limit of this process's control group and those above it (cgroup v2).
std::int64_t memory_limit() {
    std::int64_t smallest = installed_memory();
    std::ifstream self("/proc/self/cgroup");
    std::string group;
    while (std::getline(self, group) && !group.starts_with("0::/")) {
    }
    for (std::string path = group.size() > 3 ? group.substr(3) : "/"; !path.empty();
         path.resize(path.rfind('/'))) {
        std::ifstream file("/sys/fs/cgroup" + path + "/memory.max");
        std::int64_t limit = 0;
        if (file >> limit && limit < smallest) smallest = limit;
    }
    return smallest;
}

// Physical cores that this process may use.
std::size_t usable_cores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
    std::set<std::string> cores;
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                           "/topology/thread_siblings_list");
        std::string siblings = std::to_string(cpu);
        std::getline(file, siblings);
        cores.insert(siblings);
    }
    return cores.size();
}

bool fill(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    madvise(memory, bytes, MADV_HUGEPAGE);
    constexpr std::size_t page = 4096;
    for (std::size_t at = 0; at < bytes; at += page) static_cast<char*>(memory)[at] = 1;
    return true;
}

}  // namespace

int main() {
    const auto share = static_cast<std::size_t>(memory_limit()) / usable_cores();
    const std::size_t bytes = share / 8;
    if (!fill(bytes)) {
        std::cerr << "hold_memory: cannot have " << bytes << " bytes\n";
        return 1;
    }
    std::cout << bytes << '\n';
}
