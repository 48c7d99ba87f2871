#include "mpi/run/child_process.hpp"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace amorsize::run {

namespace {

constexpr unsigned kBitsPerWord = sizeof(unsigned long) * 8;

void set_bit(std::vector<unsigned long>& mask, int bit) {
    const auto word = static_cast<std::size_t>(bit) / kBitsPerWord;
    if (mask.size() <= word) mask.resize(word + 1);
    mask[word] |= 1UL << (static_cast<unsigned>(bit) % kBitsPerWord);
}

/// Runs in the child on the parent's memory: nothing here but system calls on prepared values.
[[noreturn]] void become(const ChildStart& child, const sigset_t& mask,
                         const std::vector<int>& changed_signals, int& error) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (child.place != nullptr && child.place->cpus() != nullptr) {
        ::syscall(SYS_sched_setaffinity, 0, child.place->cpu_bytes(), child.place->cpus());
    }
    if (child.place != nullptr && child.place->nodes() != nullptr) {
        ::syscall(SYS_set_mempolicy, MPOL_PREFERRED, child.place->nodes(),
                  child.place->node_bits());
    }
    ::dup2(child.in, STDIN_FILENO);
    ::dup2(child.out, STDOUT_FILENO);
    ::dup2(child.err, STDERR_FILENO);
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    for (const int number : changed_signals) ::signal(number, SIG_DFL);
    // An item that turns to the terminal from its background group fails; stopped, it would hold
    // its worker for ever.
    ::signal(SIGTTIN, SIG_IGN);
    ::signal(SIGTTOU, SIG_IGN);
    ::sigprocmask(SIG_SETMASK, &mask, nullptr);
    ::execve(child.path, child.argv, child.envp);
    error = errno;
    ::_exit(127);
}

__attribute__((noinline)) pid_t vfork_and_become(const ChildStart& child, const sigset_t& mask,
                                                 const std::vector<int>& changed_signals,
                                                 int& error) {
    const pid_t pid = ::vfork();
    if (pid == 0) become(child, mask, changed_signals, error);
    return pid;
}

/// Handlers would be run by a child on our memory, in the moment before it becomes another program.
std::vector<int> signals_changed(const BlockedSignals& signals) {
    std::vector<int> numbers;
    if (!signals.ignored_broken_pipes()) numbers.push_back(SIGPIPE);
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) != 0) continue;
        if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) numbers.push_back(number);
    }
    return numbers;
}

}  // namespace

PlaceMask::PlaceMask(const Place& place) {
    for (const int cpu : place.cpus) set_bit(cpus_, cpu);
    if (place.numa_node >= 0) set_bit(nodes_, place.numa_node);
    // The kernel reads one bit less than it is told of.
    if (!nodes_.empty()) nodes_.push_back(0);
}

ChildStarter::ChildStarter(const BlockedSignals& signals)
    : mask_(signals.original_mask()), changed_signals_(signals_changed(signals)) {}

pid_t ChildStarter::start(const ChildStart& child) const {
    int error = 0;
    pid_t pid = vfork_and_become(child, mask_, changed_signals_, error);
    if (pid < 0) return -errno;
    if (error == 0) return pid;
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (error != ENOEXEC || std::strcmp(child.path, "/bin/sh") == 0) return -error;

    std::vector<char*> argv{const_cast<char*>("sh"), const_cast<char*>(child.path)};
    for (char* const* argument = child.argv + 1; *argument != nullptr; ++argument) {
        argv.push_back(*argument);
    }
    argv.push_back(nullptr);
    ChildStart shell = child;
    shell.path = "/bin/sh";
    shell.argv = argv.data();
    return start(shell);
}

std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return name;
}

std::optional<std::uint32_t> peak_of_process(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; status >> word;) {
        std::uint32_t kib = 0;
        if (word == "VmHWM:" && status >> kib) return kib;
    }
    return std::nullopt;
}

EndedChild reap_child() {
    EndedChild ended;
    int status = 0;
    const pid_t pid = ::wait4(-1, &status, WNOHANG, &ended.usage);
    if (pid <= 0) return ended;
    ended.pid = pid;
    if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    return ended;
}

void end_group_of(const EndedChild& child) {
    ::kill(-child.pid, SIGKILL);
}

}  // namespace amorsize::run
