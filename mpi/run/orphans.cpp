#include "mpi/run/orphans.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>

namespace amorsize::run {

namespace {

constexpr std::string_view kWorker = "AMORSIZE_WORKER=";

std::vector<pid_t> children() {
    std::ifstream file(fmt::format("/proc/self/task/{}/children", ::getpid()));
    return {std::istream_iterator<pid_t>(file), {}};
}

std::vector<std::string> environment_of(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/environ", pid));
    std::vector<std::string> entries;
    for (std::string entry; std::getline(file, entry, '\0');) entries.push_back(entry);
    return entries;
}

/// Clock ticks from the start of the machine to that of the process.
std::optional<std::int64_t> start_of(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    // The name, in parentheses, may hold anything; the start is the 20th field behind it.
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(text.substr(name_end + 1));
    std::string field;
    for (int i = 0; i < 20; ++i) fields >> field;
    std::int64_t ticks = 0;
    if (std::from_chars(field.data(), field.data() + field.size(), ticks).ec != std::errc{})
        return std::nullopt;
    return ticks;
}

bool is_mark(const std::string& entry) {
    return entry.rfind("AMORSIZE_PLAN=", 0) == 0 || entry.rfind("AMORSIZE_RANK=", 0) == 0;
}

}  // namespace

Orphans::Orphans(const std::vector<std::string>& environment) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::copy_if(environment.begin(), environment.end(), std::back_inserter(marks_), is_mark);
}

int Orphans::end(std::span<const pid_t> workers) const {
    int ended = 0;
    for (const pid_t pid : children()) {
        if (std::find(workers.begin(), workers.end(), pid) != workers.end()) continue;
        const auto entries = environment_of(pid);
        // One that is dying has none, and may not have passed its children on yet.
        if (entries.empty()) ++ended;
        const auto has = [&](const std::string& mark) {
            return std::find(entries.begin(), entries.end(), mark) != entries.end();
        };
        if (!std::all_of(marks_.begin(), marks_.end(), has)) continue;
        const auto worker = std::find_if(entries.begin(), entries.end(), [](const auto& entry) {
            return entry.rfind(kWorker, 0) == 0;
        });
        if (worker == entries.end()) continue;
        std::size_t number = workers.size();
        std::from_chars(worker->data() + kWorker.size(), worker->data() + worker->size(), number);
        if (number >= workers.size()) continue;
        // Of the same clock tick: it may be of the item that runs.
        if (workers[number] != 0 && start_of(pid) >= start_of(workers[number])) continue;
        ::kill(pid, SIGKILL);
        ++ended;
    }
    return ended;
}

}  // namespace amorsize::run
