#include "advisor/measure/topology_source.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "advisor/core/error.hpp"
#include "advisor/measure/topology_hwloc.hpp"

namespace amorsize::measure {

namespace {

// --- synthetic descriptions ---

constexpr const char* kSyntheticHint =
    "an hwloc synthetic description names levels with their number in each, largest first: "
    "\"pack:2 numa:4 core:16 pu:2\"";
constexpr double kMostThreads = 16384;

// Words are separated by spaces, except inside ( ) and [ ].
std::vector<std::string> words_of(const std::string& description) {
    std::vector<std::string> words(1);
    int depth = 0;
    for (char c : description) {
        if (c == '(' || c == '[') ++depth;
        if (c == ')' || c == ']') --depth;
        if (depth <= 0 && std::isspace(static_cast<unsigned char>(c))) {
            if (!words.back().empty()) words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

// "core:16(...)" or "16": how many of this level in each of the one above.
double arity_of(const std::string& word) {
    if (word.starts_with('[')) return 1;
    const std::size_t colon = word.substr(0, word.find('(')).find(':');
    const std::size_t start = colon == std::string::npos ? 0 : colon + 1;
    unsigned long long arity = 1;
    const auto [_, error] = std::from_chars(word.data() + start, word.data() + word.size(), arity);
    if (error == std::errc::result_out_of_range) return 2 * kMostThreads;
    return error == std::errc{} ? static_cast<double>(arity) : 1;
}

bool load_synthetic(const HwlocTopology& topology, const std::string& description) {
    return hwloc_topology_set_synthetic(topology.get(), description.c_str()) == 0 &&
           hwloc_topology_load(topology.get()) == 0;
}

std::string why_refused(const std::vector<std::string>& words) {
    if (words.empty()) return "is empty";
    std::string accepted;
    for (const std::string& word : words) {
        accepted += (accepted.empty() ? "" : " ") + word;
        const std::string last_level = word.starts_with("pu") ? "" : " pu:1";
        HwlocTopology topology;
        if (!load_synthetic(topology, accepted + last_level)) {
            return fmt::format("hwloc refuses it at \"{}\"", word);
        }
    }
    return "hwloc refuses it: the last level must be \"pu\", the hardware threads of a core";
}

bool gives(const std::string& description, const std::string& key) {
    for (std::size_t at = description.find(key); at != std::string::npos;
         at = description.find(key, at + 1)) {
        if (at > 0 && (description[at - 1] == '(' || description[at - 1] == ' ')) return true;
    }
    return false;
}

void forget_memory(Topology& topology) {
    for (NumaDomain& domain : topology.domains) domain.memory = {};
    for (NumaDomain& domain : topology.memory_only) domain.memory = {};
}

// --- XML files ---

void check_xml_file(const std::string& path) {
    constexpr off_t kLargest = off_t{64} << 20;
    const auto refuse = [&](const std::string& why) {
        throw Error(ExitCode::bad_input, fmt::format("topology file {}: {}", path, why),
                    "write one on the machine in question with: lstopo topology.xml");
    };
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) refuse(std::strerror(errno));
    if (!S_ISREG(status.st_mode)) refuse("is no regular file");
    if (status.st_size > kLargest) refuse("is larger than 64 MiB, which no topology is");
}

bool load_from(const HwlocTopology& topology, const std::string& path) {
    hwloc_topology_set_type_filter(topology.get(), HWLOC_OBJ_PCI_DEVICE,
                                   HWLOC_TYPE_FILTER_KEEP_IMPORTANT);
    return hwloc_topology_set_xml(topology.get(), path.c_str()) == 0 &&
           hwloc_topology_load(topology.get()) == 0;
}

/// hwloc trusts what it reads: some files that are no topology end the process. So a child tries
/// first.
bool is_survived(const std::string& path) {
    const pid_t child = fork();
    if (child < 0) return true;
    if (child == 0) {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        for (const int fatal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) signal(fatal, SIG_DFL);
        close(STDERR_FILENO);  // what the XML library prints, it prints once more to us
        const HwlocTopology topology;
        load_from(topology, path);
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void load_xml(const HwlocTopology& topology, const std::string& path) {
    check_xml_file(path);
    const bool survived = is_survived(path);
    errno = 0;
    if (!survived || !load_from(topology, path)) {
        throw Error(ExitCode::bad_input,
                    fmt::format("topology file {}: hwloc does not read it as a topology{}", path,
                                errno ? fmt::format(" ({})", std::strerror(errno)) : ""),
                    fmt::format("check it with: lstopo-no-graphics -i {}", path));
    }
}

// --- this machine ---

void load_this_machine(const HwlocTopology& topology) {
    hwloc_topology_set_flags(topology.get(), HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED |
                                                 HWLOC_TOPOLOGY_FLAG_NO_DISTANCES |
                                                 HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS);
    if (hwloc_topology_load(topology.get()) != 0) {
        throw Error(ExitCode::environment,
                    fmt::format("hwloc cannot discover this machine: {}", std::strerror(errno)),
                    "describe it with HWLOC_XMLFILE or HWLOC_SYNTHETIC");
    }
}

unsigned hexadecimal(const std::string& path) {
    const std::string text = read_system_file({}, path).value_or("");
    return static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 16));
}

// hwloc's own PCI discovery takes longer than everything else together; the kernel's listing is
// enough.
void count_gpus_here(Topology& topology) {
    const std::string devices = "/sys/bus/pci/devices";
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(opendir(devices.c_str()), closedir);
    while (const dirent* entry = listing ? readdir(listing.get()) : nullptr) {
        if (entry->d_name[0] == '.') continue;
        const std::string device = devices + "/" + entry->d_name;
        if (!is_gpu(hexadecimal(device + "/class") >> 8, hexadecimal(device + "/vendor"))) continue;
        const int node =
            std::atoi(read_system_file({}, device + "/numa_node").value_or("-1").c_str());
        const auto domain =
            std::find_if(topology.domains.begin(), topology.domains.end(),
                         [&](const NumaDomain& candidate) { return candidate.os_index == node; });
        topology.gpus_per_domain.resize(topology.domains.size());
        const auto index = domain == topology.domains.end() ? 0 : domain - topology.domains.begin();
        ++topology.gpus_per_domain[static_cast<std::size_t>(index)];
    }
}

}  // namespace

// hwloc would silently discover this machine where such a description is refused, so they are not
// left to it.
Machine discover_machine() {
    HwlocTopology topology;
    if (const char* path = std::getenv("HWLOC_XMLFILE"); path && *path) {
        load_xml(topology, path);
        return {read_topology(topology.get()), cpu_model(topology.get()), false,
                fmt::format("HWLOC_XMLFILE {}", path)};
    }
    if (const char* text = std::getenv("HWLOC_SYNTHETIC"); text && *text) {
        return {topology_from_synthetic(text), "", false, fmt::format("HWLOC_SYNTHETIC {}", text)};
    }
    load_this_machine(topology);
    Machine machine{read_topology(topology.get()), cpu_model(topology.get()), true, "this machine"};
    count_gpus_here(machine.topology);
    return machine;
}

Topology discover_topology() {
    return discover_machine().topology;
}

Topology topology_from_synthetic(const std::string& description) {
    const std::vector<std::string> words = words_of(description);
    double threads = 1;
    for (const std::string& word : words) threads *= arity_of(word);
    if (threads > kMostThreads) {
        throw Error(ExitCode::bad_input,
                    fmt::format("topology \"{}\": more than {:.0f} hardware threads", description,
                                kMostThreads),
                    "describe one node");
    }
    HwlocTopology topology;
    if (words.empty() || !load_synthetic(topology, description)) {
        throw Error(ExitCode::bad_input,
                    fmt::format("topology \"{}\": {}", description, why_refused(words)),
                    kSyntheticHint);
    }
    Topology out = read_topology(topology.get());
    if (!gives(description, "memory=")) forget_memory(out);
    if (!gives(description, "size=")) out.l3_size = {};
    return out;
}

Topology topology_from_xml(const std::string& path) {
    HwlocTopology topology;
    load_xml(topology, path);
    return read_topology(topology.get());
}

}  // namespace amorsize::measure
