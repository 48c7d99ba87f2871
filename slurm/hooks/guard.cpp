// What slurm.conf names as Prolog, Epilog and TaskProlog, and what the cli_filter calls: lets the
// worker beside it do the work, and answers 0 within a second whatever becomes of that. A node is
// drained when its prolog fails, so this program is linked statically, allocates nothing, and after
// its start touches no file that a disk or a user could make it wait for.

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr int kDeadlineMs = 700;
constexpr int kLastResortUs = 900'000;  // for the case that even answering blocks
constexpr rlim_t kWorkerMemory = rlim_t{1} << 30;
constexpr rlim_t kWorkerFile = rlim_t{16} << 20;

// What the worker of root may know: a job's owner chooses other variables, such as LD_PRELOAD's
// kin in SPANK's.
constexpr const char* kKnownToRoot[] = {
    "SLURM_JOB_ID",         "SLURM_JOB_UID",           "SLURM_JOB_PARTITION",
    "SLURM_JOB_NODELIST",   "SLURM_JOB_CPUS_PER_NODE", "SLURM_NODELIST",
    "SLURM_JOB_EXIT_CODE2", "SLURM_JOB_DERIVED_EC",    "SLURM_JOB_RESTART_COUNT",
    "SLURMD_NODENAME"};

// 32 KiB are far more than the worker prints.
char answer[32 << 10];
std::size_t answered = 0;
bool too_much = false;

struct Role {
    const char* name;  // the last part of the path we were called by
    bool of_root;      // Prolog and Epilog: run by slurmd, nobody reads what they print
};

Role role_of(const char* path) {
    const char* slash = std::strrchr(path, '/');
    const char* name = slash == nullptr ? path : slash + 1;
    return {name, std::strcmp(name, "prolog") == 0 || std::strcmp(name, "epilog") == 0};
}

bool switched_off() {
    const char* value = std::getenv("AMORSIZE_DISABLE");
    return value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
}

int remaining_ms(const timespec& start) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const long passed =
        (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1'000'000;
    return passed >= kDeadlineMs ? 0 : static_cast<int>(kDeadlineMs - passed);
}

void answer_at_the_latest() {
    struct sigaction action {};
    action.sa_handler = [](int) { ::_exit(0); };
    ::sigaction(SIGALRM, &action, nullptr);
    const itimerval once{{0, 0}, {0, kLastResortUs}};
    ::setitimer(ITIMER_REAL, &once, nullptr);
}

/// All signals but those this program lives by.
void handle_signals(void (*handler)(int)) {
    for (int number = 1; number <= SIGRTMAX; ++number) {
        if (number != SIGALRM && number != SIGCHLD) ::signal(number, handler);
    }
}

/// An end by signal would count as a failure: a limit on files or CPU time, or a timer, may have
/// been inherited with the means to send one.
void shrug_off_signals() {
    handle_signals(SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Of two processes that may die for want of memory, the worker is the one.
void offer_to_oom_killer(const char* score) {
    const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    [[maybe_unused]] const ssize_t written = ::write(file, score, std::strlen(score));
    ::close(file);
}

void limit(decltype(RLIMIT_AS) resource, rlim_t most) {
    rlimit now{};
    if (::getrlimit(resource, &now) != 0 || now.rlim_max <= most) return;
    const rlimit lower{most, most};
    ::setrlimit(resource, &lower);
}

bool known_to_root(const char* entry) {
    for (const char* name : kKnownToRoot) {
        const std::size_t length = std::strlen(name);
        if (std::strncmp(entry, name, length) == 0 && entry[length] == '=') return true;
    }
    return false;
}

void forget_other_variables(char** environment) {
    char** kept = environment;
    for (char** entry = environment; *entry != nullptr; ++entry) {
        if (known_to_root(*entry)) *kept++ = *entry;
    }
    *kept = nullptr;
}

/// Nobody but root, or the user we run as, could have put it there.
bool is_trusted(const char* path) {
    struct stat found {};
    return ::lstat(path, &found) == 0 && S_ISREG(found.st_mode) &&
           (found.st_uid == 0 || found.st_uid == ::geteuid()) && (found.st_mode & 022) == 0;
}

[[noreturn]] void become_worker(const Role& role, char** arguments, int output) {
    ::setsid();
    handle_signals(SIG_DFL);
    const int nothing = ::open("/dev/null", O_RDWR);
    if (nothing >= 0) {
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(nothing, STDERR_FILENO);
    }
    ::dup2(output, STDOUT_FILENO);
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    offer_to_oom_killer("500");
    limit(RLIMIT_AS, kWorkerMemory);
    limit(RLIMIT_FSIZE, kWorkerFile);
    limit(RLIMIT_CPU, 2);
    limit(RLIMIT_CORE, 0);
    ::umask(022);
    if (role.of_root) {
        forget_other_variables(environ);
        if (::chdir("/") != 0) ::_exit(126);
    }

    char worker[PATH_MAX];
    const char* called = arguments[0];
    const std::size_t folder = static_cast<std::size_t>(role.name - called);
    constexpr char kName[] = "hook";
    if (folder + sizeof kName > sizeof worker) ::_exit(126);
    std::memcpy(worker, called, folder);
    std::memcpy(worker + folder, kName, sizeof kName);
    if (!is_trusted(worker)) ::_exit(126);
    ::execve(worker, arguments, environ);
    ::_exit(127);
}

/// Takes what the worker prints until it ends or the time is up; false in the second case.
bool listen(int pipe, const timespec& start) {
    char rest[4096];
    while (true) {
        pollfd waiting{pipe, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, remaining_ms(start));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        too_much = too_much || answered == sizeof answer;
        const ssize_t got = too_much ? ::read(pipe, rest, sizeof rest)
                                     : ::read(pipe, answer + answered, sizeof answer - answered);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return true;
        if (!too_much) answered += static_cast<std::size_t>(got);
        if (remaining_ms(start) == 0) return false;
    }
}

/// Whether the worker ended well. It has closed its output, so its end is a matter of microseconds;
/// but it is not waited for: in a sleep that no signal ends, it would take us along.
bool ended_well(pid_t worker, const timespec& start) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(worker, &status, WNOHANG)) == 0 && remaining_ms(start) > 0) {
        const timespec moment{0, 200'000};
        ::nanosleep(&moment, nullptr);
    }
    return ended == worker && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void pass_on_answer() {
    std::size_t sent = 0;
    while (sent < answered) {
        const ssize_t wrote = ::write(STDOUT_FILENO, answer + sent, answered - sent);
        if (wrote <= 0) return;
        sent += static_cast<std::size_t>(wrote);
    }
}

void run_worker(const Role& role, char** arguments) {
    timespec start{};
    ::clock_gettime(CLOCK_MONOTONIC, &start);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    const pid_t worker = ::fork();
    if (worker < 0) return;
    if (worker == 0) become_worker(role, arguments, ends[1]);
    ::close(ends[1]);
    if (listen(ends[0], start) && ended_well(worker, start)) {
        if (!role.of_root && !too_much) pass_on_answer();
    } else {
        ::kill(-worker, SIGKILL);
        ::kill(worker, SIGKILL);
    }
}

}  // namespace

int main(int argc, char** arguments) {
    answer_at_the_latest();
    shrug_off_signals();
    if (argc < 1 || switched_off()) return 0;
    const Role role = role_of(arguments[0]);
    if (role.of_root) offer_to_oom_killer("-1000");
    run_worker(role, arguments);
    ::_exit(0);
}
