#include "advisor/measure/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "advisor/core/error.hpp"

namespace amorsize::measure {

namespace {

constexpr int kFirstOwnDescriptor = 3;

enum class Step : int { none, enter_directory, redirect, bind_cores, execute };

const char* describe(Step step) {
    switch (step) {
        case Step::enter_directory:
            return "enter its directory";
        case Step::redirect:
            return "redirect its input and output";
        case Step::bind_cores:
            return "bind it to its cores";
        default:
            return "start";
    }
}

/// What the child tells us before it becomes the program, and again if it cannot.
struct Report {
    double joining = 0;
    int error = 0;
    Step step = Step::none;
};

/// The request in the form the child needs: it must not allocate.
struct Prepared {
    std::string program;
    std::vector<char*> argv;
    std::vector<char*> environment;
    cpu_set_t pus{};
    const ChildRequest* request = nullptr;
    int report = -1;
    pid_t parent = -1;
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
    result.push_back(nullptr);
    return result;
}

bool is_program(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

/// As execvp, but on the child's own PATH and from its own directory.
std::string find_program(const ChildRequest& request) {
    const std::string& name = request.argv.front();
    if (name.find('/') != std::string::npos) return name;
    std::string_view path = "/usr/local/bin:/usr/bin:/bin";
    for (const std::string& entry : request.environment) {
        if (entry.rfind("PATH=", 0) == 0) path = std::string_view(entry).substr(5);
    }
    while (true) {
        const std::size_t end = path.find(':');
        const std::string_view folder = path.substr(0, end);
        const bool relative = folder.empty() || folder.front() != '/';
        std::string candidate =
            relative && !request.directory.empty()
                ? fmt::format("{}/{}/{}", request.directory, folder, name)
                : fmt::format("{}/{}", folder.empty() ? "." : folder, name);
        if (is_program(candidate)) return candidate;
        if (end == path.npos) return {};
        path.remove_prefix(end + 1);
    }
}

double now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

[[noreturn]] void give_up(const Prepared& prepared, Report report, Step step) {
    report.error = errno;
    report.step = step;
    const ssize_t ignored = ::write(prepared.report, &report, sizeof report);
    static_cast<void>(ignored);
    ::_exit(127);
}

bool redirect(int from, int to, int open_flags) {
    if (from >= 0) return ::dup2(from, to) == to;
    const int null = ::open("/dev/null", open_flags);
    if (null < 0 || null == to) return null == to;
    const bool done = ::dup2(null, to) == to;
    ::close(null);
    return done;
}

/// Runs in the child, on our memory: system calls only.
[[noreturn]] __attribute__((noinline)) void become(const Prepared& prepared) {
    const ChildRequest& request = *prepared.request;
    Report report;
    if (request.cgroup_procs >= 0) {
        const double begin = now();
        const ssize_t joined = ::write(request.cgroup_procs, "0", 1);
        report.joining = joined == 1 ? now() - begin : 0;
    }
    // No session of its own: where the kernel shares cores out by session (autogroup), an item
    // alone in one would be scheduled unlike anything else we started, and its time would show it.
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != prepared.parent) ::_exit(127);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGPIPE}) ::signal(signal, SIG_DFL);
    if (!redirect(request.in, STDIN_FILENO, O_RDONLY) ||
        !redirect(request.out, STDOUT_FILENO, O_WRONLY) ||
        !redirect(request.err, STDERR_FILENO, O_WRONLY)) {
        give_up(prepared, report, Step::redirect);
    }
    if (!request.directory.empty() && ::chdir(request.directory.c_str()) != 0) {
        give_up(prepared, report, Step::enter_directory);
    }
    if (!request.pus.empty() && ::sched_setaffinity(0, sizeof prepared.pus, &prepared.pus) != 0) {
        give_up(prepared, report, Step::bind_cores);
    }
    if (request.cgroup_procs >= 0) {
        const ssize_t ignored = ::write(prepared.report, &report, sizeof report);
        static_cast<void>(ignored);
    }
    ::sigprocmask(SIG_SETMASK, &request.signal_mask, nullptr);
    ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.environment.data());
    give_up(prepared, report, Step::execute);
}

/// Until the other end is gone: the child has become the program, or has ended.
Report read_report(int fd) {
    Report report;
    Report next;
    while (true) {
        const ssize_t got = ::read(fd, &next, sizeof next);
        if (got == static_cast<ssize_t>(sizeof next)) report = next;
        if (got == 0 || (got < 0 && errno != EINTR)) return report;
    }
}

FileDescriptor above_standard(int fd) {
    if (fd < 0 || fd >= kFirstOwnDescriptor) return FileDescriptor(fd);
    const FileDescriptor low(fd);
    return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstOwnDescriptor));
}

}  // namespace

Seconds seconds_between(Clock::time_point begin, Clock::time_point end) {
    return {std::chrono::duration<double>(end - begin).count()};
}

Pipe open_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw Error(ExitCode::environment,
                    fmt::format("cannot open a pipe: {}", std::strerror(errno)),
                    "raise the limit of open files (ulimit -n)");
    }
    return {above_standard(ends[0]), above_standard(ends[1])};
}

std::string take(FileDescriptor& from) {
    std::array<char, 16384> buffer;
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got > 0) return {buffer.data(), static_cast<std::size_t>(got)};
    if (got == 0 || errno != EINTR) from.reset();
    return {};
}

int status_of(const StartedChild& child) {
    int status = 0;
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

StartedChild start_child(const ChildRequest& request) {
    StartedChild child;
    Prepared prepared;
    prepared.program = find_program(request);
    if (prepared.program.empty()) {
        child.error = ENOENT;
        child.failed = describe(Step::execute);
        return child;
    }
    prepared.argv = pointers(request.argv);
    prepared.environment = pointers(request.environment);
    CPU_ZERO(&prepared.pus);
    for (const int pu : request.pus) CPU_SET(static_cast<std::size_t>(pu), &prepared.pus);
    prepared.request = &request;
    prepared.parent = ::getpid();
    Pipe report = open_pipe();
    prepared.report = report.write_end.get();

    child.started = Clock::now();
    const pid_t pid = ::vfork();
    if (pid == 0) become(prepared);
    if (pid < 0) {
        child.error = errno;
        child.failed = "start another process";
        return child;
    }
    report.write_end.reset();
    const Report reported = read_report(report.read_end.get());
    child.joining = Seconds{reported.joining};
    if (request.cgroup_procs >= 0) child.written = Bytes{1 + sizeof(Report)};
    if (reported.step == Step::none) {
        child.pid = pid;
        return child;
    }
    child.error = reported.error;
    child.failed = describe(reported.step);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return child;
}

}  // namespace amorsize::measure
