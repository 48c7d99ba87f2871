#include "advisor/measure/sampling_scope.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "advisor/measure/child_process.hpp"
#include "advisor/measure/process_tree.hpp"

namespace amorsize::measure {

namespace {

constexpr Seconds kGrace{0.5};

bool is_ignored(int signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    return action.sa_handler == SIG_IGN;
}

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    return set;
}

/// A nohup'ed advisor stays deaf to SIGHUP.
sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        if (!is_ignored(signal)) sigaddset(&set, signal);
    }
    return set;
}

bool carries(pid_t pid, const std::string& mark) {
    std::ifstream file(fmt::format("/proc/{}/environ", pid), std::ios::binary);
    for (std::string entry; std::getline(file, entry, '\0');) {
        if (entry == mark) return true;
    }
    return false;
}

void end_marked(const std::string& mark) {
    const auto give_up = Clock::now() + std::chrono::seconds(10);
    for (int quiet = 0; quiet < 3 && Clock::now() < give_up;) {
        int found = 0;
        for (const ProcessEntry& entry : list_processes()) {
            if (entry.ended || entry.pid == ::getpid() || !carries(entry.pid, mark)) continue;
            ::kill(entry.pid, SIGKILL);
            ++found;
        }
        quiet = found == 0 ? quiet + 1 : 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void remove_groups(const CgroupBase& base, pid_t owner) {
    const std::string prefix = fmt::format("amorsize-{}-", owner);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(base.path, ignored)) {
        if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
        ::rmdir(entry.path().c_str());
    }
}

void close_all_but(int kept) {
    for (int fd = 0; fd < kept; ++fd) ::close(fd);
    const long limit = std::min(::sysconf(_SC_OPEN_MAX), 65536L);
    for (int fd = kept + 1; fd < limit; ++fd) ::close(fd);
}

/// What the guard does. A session of its own keeps the terminal's Ctrl-C from it.
void watch(int pipe_end, pid_t advisor, const std::string& mark,
           const std::optional<CgroupBase>& cgroups) {
    close_all_but(pipe_end);
    const sigset_t stops = set_of({SIGINT, SIGTERM, SIGHUP});
    ::sigprocmask(SIG_BLOCK, &stops, nullptr);
    char word = 0;
    ssize_t got = 0;
    do {
        got = ::read(pipe_end, &word, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 1) return;
    end_marked(mark);
    if (cgroups) remove_groups(*cgroups, advisor);
}

}  // namespace

SamplingScope::SamplingScope(bool with_cgroups)
    : mark_(fmt::format("AMORSIZE_SAMPLE={}.{}", ::getpid(),
                        Clock::now().time_since_epoch().count())),
      cgroups_(with_cgroups ? find_cgroup_base() : std::nullopt) {
    start_guard();

    for (const ProcessEntry& entry : descendants(list_processes(), ::getpid())) {
        if (entry.parent == ::getpid()) other_children_.insert(entry.pid);
    }
    int subreaper = 0;
    ::prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    was_subreaper_ = subreaper != 0;
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);

    // An ignored SIGCHLD, inherited from a careless parent, would throw exit codes away.
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &by_default, &old_child_action_);

    // A worker that dies with its input unread must not take us along.
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &old_pipe_action_);

    const sigset_t stops = stop_signals();
    const sigset_t child = set_of({SIGCHLD});
    ::sigprocmask(SIG_BLOCK, &child, &old_mask_);
    ::sigprocmask(SIG_BLOCK, &stops, nullptr);
    children_ = FileDescriptor(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    interrupts_ = FileDescriptor(::signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK));
}

SamplingScope::~SamplingScope() {
    if (!no_children_but(other_children_)) end_descendants(other_children_, {}, kGrace);
    const ssize_t ignored = ::write(guard_.get(), "q", 1);
    static_cast<void>(ignored);
    ::prctl(PR_SET_CHILD_SUBREAPER, was_subreaper_ ? 1 : 0);
    note_children();
    ::sigaction(SIGCHLD, &old_child_action_, nullptr);
    ::sigaction(SIGPIPE, &old_pipe_action_, nullptr);
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

void SamplingScope::note_children() const {
    signalfd_siginfo info;
    while (::read(children_.get(), &info, sizeof info) > 0) {
    }
}

bool SamplingScope::interrupted() const {
    pollfd end{interrupts_.get(), POLLIN, 0};
    return ::poll(&end, 1, 0) > 0;
}

/// Forked twice, so that the guard is nobody's child and no wait of ours meets it.
void SamplingScope::start_guard() {
    Pipe pipe = open_pipe();
    const pid_t advisor = ::getpid();
    const pid_t middle = ::fork();
    if (middle == 0) {
        ::setsid();
        if (::fork() == 0) watch(pipe.read_end.get(), advisor, mark_, cgroups_);
        ::_exit(0);
    }
    while (middle > 0 && ::waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
    }
    guard_ = std::move(pipe.write_end);
}

}  // namespace amorsize::measure
