// Fills an eighth of one core's share of the memory: one item of the memory-hungry example.
// Sized by the machine it runs on, so that what the example shows is true of any machine.

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

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

void lower_to(std::int64_t& smallest, const std::string& file_of_limit) {
    std::ifstream file(file_of_limit);
    std::int64_t limit = 0;
    if (file >> limit && limit < smallest) smallest = limit;
}

// The smallest limit of the first process's control group and those above it (cgroup v2), and of
// the whole hierarchy (v1): that of a container, but none of a job's, whose items would differ from
// the sampled ones.
std::int64_t memory_of_machine() {
    std::int64_t smallest = installed_memory();
    lower_to(smallest, "/sys/fs/cgroup/memory/memory.limit_in_bytes");
    std::ifstream first("/proc/1/cgroup");
    std::string group;
    while (std::getline(first, group) && !group.starts_with("0::/")) {
    }
    for (std::string path = group.size() > 3 ? group.substr(3) : "/"; !path.empty();
         path.resize(path.rfind('/'))) {
        lower_to(smallest, "/sys/fs/cgroup" + path + "/memory.max");
    }
    return smallest;
}

// The numbers in "0-3,8".
std::vector<int> listed(const std::string& text) {
    std::vector<int> numbers;
    std::istringstream ranges(text);
    for (std::string range; std::getline(ranges, range, ',');) {
        const auto dash = range.find('-');
        const int last = std::stoi(dash == std::string::npos ? range : range.substr(dash + 1));
        for (int number = std::stoi(range); number <= last; ++number) numbers.push_back(number);
    }
    return numbers;
}

// Physical cores of those CPUs that the first process may use: all of the machine or container,
// whichever one a worker is held to.
std::size_t cores_of_machine() {
    std::ifstream status("/proc/1/status");
    std::string word;
    while (status >> word && word != "Cpus_allowed_list:") {
    }
    if (!(status >> word)) return 1;
    std::set<std::string> cores;
    for (const int cpu : listed(word)) {
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
    const auto share = static_cast<std::size_t>(memory_of_machine()) / cores_of_machine();
    const std::size_t bytes = share / 8;
    if (!fill(bytes)) {
        std::cerr << "hold_memory: cannot have " << bytes << " bytes\n";
        return 1;
    }
    std::cout << bytes << '\n';
}
