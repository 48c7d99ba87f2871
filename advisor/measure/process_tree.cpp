#include "advisor/measure/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "advisor/measure/file_descriptor.hpp"

namespace amorsize::measure {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kKillPatience = std::chrono::seconds(10);

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

/// "1234 (any) thing) S 1 ...": the name may hold anything, so the fields are counted from its last
/// ')'.
std::optional<ProcessEntry> read_entry(pid_t pid) {
    const auto text = read_small_file(fmt::format("/proc/{}/stat", pid));
    if (!text) return std::nullopt;
    const std::size_t name_end = text->rfind(')');
    if (name_end == std::string::npos || name_end + 4 >= text->size()) return std::nullopt;
    ProcessEntry entry;
    entry.pid = pid;
    const char state = (*text)[name_end + 2];
    entry.ended = state == 'Z' || state == 'X';
    std::from_chars(text->data() + name_end + 4, text->data() + text->size(), entry.parent);
    return entry;
}

/// The number after `label` in a file of "Label:   123 kB" lines.
std::int64_t labelled_number(std::string_view text, std::string_view label) {
    std::size_t at = text.find(label);
    if (at == text.npos) return 0;
    at = text.find_first_of("0123456789", at + label.size());
    std::int64_t number = 0;
    if (at != text.npos) std::from_chars(text.data() + at, text.data() + text.size(), number);
    return number;
}

Bytes labelled_kib(std::string_view text, std::string_view label) {
    return kKiB * static_cast<double>(labelled_number(text, label));
}

/// One line of /proc/PID/smaps that opens a mapping.
struct Mapping {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string device;
    std::uint64_t inode = 0;
    std::string path;
};

/// "7f01-7f02 r-xp 00000000 fd:01 1234   /path"; nothing if the line is another.
std::optional<Mapping> mapping_of(const std::string& line) {
    Mapping mapping;
    char device[32] = {};
    int path = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %*x %31s %" SCNu64 " %n",
                    &mapping.begin, &mapping.end, device, &mapping.inode, &path) != 4)
        return std::nullopt;
    mapping.device = device;
    mapping.path = line.substr(static_cast<std::size_t>(path));
    return mapping;
}

/// What tells a file from one that took its inode, and its size.
struct FileState {
    std::string changed;
    Bytes size;
};

/// The files of one process that were asked for their state, by path: most are mapped several
/// times.
using FileStates = std::map<std::string, std::optional<FileState>>;

/// Nothing for a file that is gone.
std::optional<FileState> state_of(const std::string& path, pid_t pid) {
    struct stat now {};
    if (::stat(fmt::format("/proc/{}/root{}", pid, path).c_str(), &now) != 0) return std::nullopt;
    return FileState{fmt::format("{}.{}", now.st_ctim.tv_sec, now.st_ctim.tv_nsec),
                     Bytes{now.st_size}};
}

/// The file, and no more than it has of the mapping; nothing for one that is gone.
MappedFile* file_of(const Mapping& mapping, pid_t pid, FileStates& states, MappedFiles& files) {
    if (mapping.inode == 0) return nullptr;
    const std::string id = fmt::format("{} {}", mapping.device, mapping.inode);
    const Bytes length{static_cast<std::int64_t>(mapping.end - mapping.begin)};
    if (mapping.path.rfind("/SYSV", 0) == 0) {
        MappedFile& segment = files[id];
        segment.extent += length;
        return &segment;
    }
    const auto [known, is_new] = states.try_emplace(mapping.path);
    if (is_new) known->second = state_of(mapping.path, pid);
    if (!known->second) return nullptr;
    MappedFile& file = files[id + " " + known->second->changed];
    file.extent = std::min(file.extent + length, known->second->size);
    return &file;
}

MappedFiles files_of(pid_t pid) {
    MappedFiles files;
    FileStates states;
    std::ifstream smaps(fmt::format("/proc/{}/smaps", pid));
    MappedFile* file = nullptr;
    for (std::string line; std::getline(smaps, line);) {
        if (const auto mapping = mapping_of(line)) {
            file = file_of(*mapping, pid, states, files);
        } else if (file != nullptr && line.rfind("Rss:", 0) == 0) {
            file->resident += labelled_kib(line, "Rss:");
        } else if (file != nullptr && line.rfind("Anonymous:", 0) == 0) {
            file->resident -= labelled_kib(line, "Anonymous:");
        }
    }
    std::erase_if(files, [](const auto& entry) { return entry.second.resident.value <= 0; });
    return files;
}

void add(TreeUsage& usage, pid_t pid) {
    const auto status = read_small_file(fmt::format("/proc/{}/status", pid));
    if (!status) return;
    usage.processes.push_back(pid);
    usage.threads += static_cast<int>(labelled_number(*status, "\nThreads:"));
    const auto rollup = read_small_file(fmt::format("/proc/{}/smaps_rollup", pid));
    if (!rollup || rollup->empty()) {
        usage.memory += labelled_kib(*status, "\nVmRSS:");
        return;
    }
    usage.memory += labelled_kib(*rollup, "\nPss:");
    usage.resident += labelled_kib(*rollup, "\nRss:");
    usage.anonymous += labelled_kib(*rollup, "\nAnonymous:");
}

void reap(pid_t pid, CpuTime& cpu) {
    rusage usage{};
    if (::wait4(pid, nullptr, WNOHANG, &usage) != pid) return;
    const auto seconds = [](timeval time) {
        return Seconds{static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec)};
    };
    cpu.user += seconds(usage.ru_utime);
    cpu.system += seconds(usage.ru_stime);
}

/// Those still running; zombies that are ours are reaped on the way.
std::vector<pid_t> running_below_us(const std::set<pid_t>& except,
                                    const std::set<pid_t>& keep_status, CpuTime& cpu) {
    std::vector<pid_t> running;
    for (const ProcessEntry& entry : descendants(list_processes(), ::getpid(), except)) {
        if (!entry.ended) {
            running.push_back(entry.pid);
        } else if (entry.parent == ::getpid() && keep_status.count(entry.pid) == 0) {
            reap(entry.pid, cpu);
        }
    }
    return running;
}

}  // namespace

std::optional<std::string> read_small_file(const std::string& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return std::nullopt;
    std::array<char, 16384> buffer;
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const ssize_t got = ::read(file.get(), buffer.data() + filled, buffer.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    return std::string(buffer.data(), filled);
}

std::vector<ProcessEntry> list_processes() {
    std::vector<ProcessEntry> processes;
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir("/proc"));
    while (directory) {
        const dirent* file = ::readdir(directory.get());
        if (file == nullptr) break;
        const std::string_view name = file->d_name;
        pid_t pid = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) continue;
        if (const auto entry = read_entry(pid)) processes.push_back(*entry);
    }
    return processes;
}

std::vector<ProcessEntry> descendants(const std::vector<ProcessEntry>& processes, pid_t root,
                                      const std::set<pid_t>& except) {
    std::vector<ProcessEntry> found;
    std::set<pid_t> parents = {root};
    for (bool grown = true; grown;) {
        grown = false;
        for (const ProcessEntry& entry : processes) {
            if (parents.count(entry.parent) == 0 || parents.count(entry.pid) != 0) continue;
            if (except.count(entry.pid) != 0) continue;
            parents.insert(entry.pid);
            found.push_back(entry);
            grown = true;
        }
    }
    return found;
}

MappedFiles mapped_files(const std::vector<pid_t>& processes) {
    MappedFiles all;
    for (const pid_t pid : processes) {
        for (const auto& [id, mapped] : files_of(pid)) {
            MappedFile& most = all[id];
            most.resident = std::max(most.resident, mapped.resident);
            most.extent = std::max(most.extent, mapped.extent);
        }
    }
    return all;
}

TreeUsage usage_of(const std::vector<pid_t>& processes) {
    TreeUsage usage;
    for (const pid_t pid : processes) add(usage, pid);
    return usage;
}

TreeUsage tree_usage(pid_t root) {
    std::vector<pid_t> processes = {root};
    for (const ProcessEntry& entry : descendants(list_processes(), root)) {
        if (!entry.ended) processes.push_back(entry.pid);
    }
    return usage_of(processes);
}

std::optional<ReadWritten> read_written(pid_t pid) {
    const auto text = read_small_file(fmt::format("/proc/{}/io", pid));
    if (!text || text->empty()) return std::nullopt;
    return ReadWritten{Bytes{labelled_number(*text, "rchar:")},
                       Bytes{labelled_number(*text, "wchar:")}};
}

std::optional<Scheduled> scheduled(pid_t pid) {
    const auto text = read_small_file(fmt::format("/proc/{}/schedstat", pid));
    std::int64_t nanoseconds[2] = {};
    if (!text ||
        std::sscanf(text->c_str(), "%" SCNd64 " %" SCNd64, &nanoseconds[0], &nanoseconds[1]) != 2) {
        return std::nullopt;
    }
    return Scheduled{Seconds{1e-9 * static_cast<double>(nanoseconds[0])},
                     Seconds{1e-9 * static_cast<double>(nanoseconds[1])}};
}

Seconds OwnQueueing::total() {
    const auto own = scheduled(::gettid());
    return own ? own->queued : Seconds{};
}

Seconds OwnQueueing::since_last() {
    const Seconds now = total();
    return now - std::exchange(before_, now);
}

std::optional<Seconds> anyone_queued() {
    const auto text = read_small_file("/proc/pressure/cpu");
    if (!text || text->rfind("some", 0) != 0) return std::nullopt;
    return Seconds{1e-6 * static_cast<double>(labelled_number(*text, "total="))};
}

bool no_children_but(const std::set<pid_t>& except) {
    siginfo_t info{};
    const int status = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
    if (status != 0 && errno == ECHILD) return true;
    return descendants(list_processes(), ::getpid(), except).empty();
}

Ending end_descendants(const std::set<pid_t>& except, const std::set<pid_t>& keep_status,
                       Seconds grace) {
    Ending ending;
    const auto begin = Clock::now();
    const auto patience_ends = begin + std::chrono::duration<double>(grace.value);
    const auto give_up = patience_ends + kKillPatience;

    std::set<pid_t> asked;
    auto pause = std::chrono::microseconds(500);
    while (true) {
        const std::vector<pid_t> running = running_below_us(except, keep_status, ending.cpu);
        for (const pid_t pid : running) {
            const bool first_time = asked.insert(pid).second;
            if (Clock::now() >= patience_ends) {
                ::kill(pid, SIGKILL);
            } else if (first_time) {
                ::kill(pid, SIGTERM);
                ::kill(pid, SIGCONT);  // a stopped process would not see the SIGTERM
            }
        }
        ending.processes = static_cast<int>(asked.size());
        ending.survivors = static_cast<int>(running.size());
        if (running.empty() || Clock::now() >= give_up) return ending;
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::microseconds(20000));
    }
}

}  // namespace amorsize::measure
