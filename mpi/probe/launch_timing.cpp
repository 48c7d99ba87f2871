#include "mpi/probe/launch_timing.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <utility>

#include "advisor/core/error.hpp"
#include "advisor/core/pmix.hpp"
#include "advisor/core/text.hpp"
#include "advisor/measure/child_process.hpp"
#include "advisor/measure/measured.hpp"
#include "mpi/run/launch.hpp"

namespace amorsize::probe {

namespace {

using measure::Clock;

constexpr Seconds kLongestLaunch{15};
constexpr int kMostRepetitions = 5;

/// Of Slurm's variables, those that say which job and cluster this is.
constexpr std::array<std::string_view, 11> kJobVariables = {
    "SLURM_JOB_ID=",        "SLURM_JOBID=",
    "SLURM_CONF=",          "SLURM_CLUSTER_NAME=",
    "SLURM_JOB_NODELIST=",  "SLURM_NODELIST=",
    "SLURM_MPI_TYPE=",      "SLURM_JOB_NUM_NODES=",
    "SLURM_NNODES=",        "SLURM_JOB_CPUS_PER_NODE=",
    "SLURM_TASKS_PER_NODE="};

bool begins(const std::string& text, std::string_view start) {
    return text.compare(0, start.size(), start) == 0;
}

/// "22.05.8" at least 20.11: before that steps shared their job's cores anyway.
bool knows_overlap(const std::string& version) {
    int major = 0;
    int minor = 0;
    const char* end = version.data() + version.size();
    const auto [dot, error] = std::from_chars(version.data(), end, major);
    if (error == std::errc{} && dot != end) std::from_chars(dot + 1, end, minor);
    return major > 20 || (major == 20 && minor >= 11);
}

/// Reads from either end until `text` has a whole line, both are closed or time is up.
class Listener {
public:
    Listener(int from_out, int from_err) : ends_{{{from_out, POLLIN, 0}, {from_err, POLLIN, 0}}} {}

    template <class Enough>
    bool listen(Clock::time_point deadline, Enough enough) {
        while (ends_[0].fd >= 0 || ends_[1].fd >= 0) {
            if (enough()) return true;
            const double left = measure::seconds_between(Clock::now(), deadline).value;
            if (left <= 0) return false;
            poll(ends_.data(), ends_.size(), static_cast<int>(left * 1000) + 1);
            read_some(ends_[0], out);
            read_some(ends_[1], err);
        }
        return enough();
    }

    std::string out;
    std::string err;

private:
    static void read_some(pollfd& end, std::string& text) {
        if (end.fd < 0 || end.revents == 0) return;
        std::array<char, 4096> buffer;
        const ssize_t got = read(end.fd, buffer.data(), buffer.size());
        if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno != EINTR)) end.fd = -1;
    }
    std::array<pollfd, 2> ends_;
};

std::string first_line(const std::string& text) {
    const std::size_t start = text.find_first_not_of("-\n ");
    if (start == std::string::npos) return "no word why";
    return text.substr(start, text.find('\n', start) - start);
}

/// Time until the step said it was ready. Returns when it has ended, so that the next one finds the
/// nodes free. Throws Error (environment) if it never was.
Seconds time_launch(const Launcher& launcher, LaunchSize size) {
    measure::Pipe out = measure::open_pipe();
    measure::Pipe err = measure::open_pipe();
    measure::ChildRequest request;
    request.argv = launch_command(launcher, size);
    request.environment = launch_environment(launcher);
    request.out = out.write_end.get();
    request.err = err.write_end.get();
    sigprocmask(SIG_SETMASK, nullptr, &request.signal_mask);
    const measure::StartedChild child = measure::start_child(request);
    if (child.pid < 0) {
        throw Error(ExitCode::environment, fmt::format("cannot start {}: {}", request.argv.front(),
                                                       std::strerror(child.error)));
    }
    out.write_end.reset();
    err.write_end.reset();
    const auto deadline = child.started + std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double>(kLongestLaunch.value));
    Listener listener(out.read_end.get(), err.read_end.get());
    const bool ready =
        listener.listen(deadline, [&] { return listener.out.find(kReady) != std::string::npos; });
    const Seconds time = measure::seconds_between(child.started, Clock::now());
    const bool ended = listener.listen(deadline, [] { return false; }) || Clock::now() < deadline;
    if (!ended) kill(-child.pid, SIGKILL);
    int status = 0;
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ready) {
        throw Error(ExitCode::environment,
                    fmt::format("{} of {} ranks on {} nodes {}: {}", request.argv.front(),
                                size.ranks, size.nodes, ended ? "failed" : "took longer than 15 s",
                                first_line(listener.err)));
    }
    return time;
}

}  // namespace

std::vector<std::string> launch_command(const Launcher& launcher, LaunchSize size) {
    const std::string nodes = std::to_string(size.nodes);
    const std::string ranks = std::to_string(size.ranks);
    const std::string per_node = std::to_string(std::max(1, size.ranks / size.nodes));
    std::vector<std::string> command;
    if (launcher.kind == Launcher::Kind::mpirun) {
        std::string hosts;
        for (int i = 0; i < size.nodes; ++i) {
            hosts += (hosts.empty() ? "" : ",") + launcher.hosts.at(static_cast<std::size_t>(i)) +
                     ":" + per_node;
        }
        command = {"mpirun",
                   "-np",
                   ranks,
                   "--host",
                   hosts,
                   "--map-by",
                   "ppr:" + per_node + ":node",
                   "--oversubscribe",
                   "--bind-to",
                   "none"};
    } else {
        command = {"srun",
                   "--nodes=" + nodes,
                   "--ntasks=" + ranks,
                   "--ntasks-per-node=" + per_node,
                   "--overcommit",
                   "--cpu-bind=none",
                   "--mem=0"};
        if (knows_overlap(launcher.slurm_version.value_or(""))) command.push_back("--overlap");
    }
    command.insert(command.end(), {launcher.program, "--say-ready"});
    return command;
}

std::vector<std::string> launch_environment(const Launcher& launcher) {
    std::vector<std::string> environment = run::without_launcher(launcher.environment);
    std::erase_if(environment, [](const std::string& entry) {
        const bool of_step = begins(entry, "SLURM_") || begins(entry, "SLURMD_") ||
                             begins(entry, "SRUN_") || begins(entry, "SBATCH_");
        return of_step && std::none_of(kJobVariables.begin(), kJobVariables.end(),
                                       [&](auto name) { return begins(entry, name); });
    });
    // mpirun starts its daemons with an srun of its own.
    if (launcher.kind == Launcher::Kind::mpirun) environment.push_back("SLURM_OVERLAP=1");
    return with_safe_pmix(std::move(environment));
}

std::vector<std::string> with_safe_pmix(std::vector<std::string> environment) {
    const std::string store = std::string(kPmixStoreVariable) + "=";
    const bool chosen = std::any_of(environment.begin(), environment.end(),
                                    [&](const auto& entry) { return begins(entry, store); });
    if (!chosen) environment.push_back(store + kSafePmixStore);
    return environment;
}

LaunchReport time_launches(const Launcher& launcher, const std::vector<LaunchSize>& sizes,
                           Seconds budget) {
    LaunchReport report;
    if (launcher.kind == Launcher::Kind::none) {
        report.unmeasured = "neither srun nor mpirun started this";
        return report;
    }
    report.launcher = launcher.kind == Launcher::Kind::srun ? "srun" : "mpirun";
    if (sizes.empty()) {
        report.unmeasured = "growth over nodes does not show on one";
        return report;
    }
    const auto start = Clock::now();
    std::vector<std::vector<double>> times(sizes.size());
    // Round by round, so that a busy moment does not fall on one size alone.
    for (int round = 0; round < kMostRepetitions && report.unmeasured.empty(); ++round) {
        for (std::size_t i = 0; i < sizes.size() && report.unmeasured.empty(); ++i) {
            const Seconds spent = measure::seconds_between(start, Clock::now());
            if (round > 0 && spent > budget) break;
            if (spent > budget * 2) {
                report.unmeasured = "larger steps were left out after " + to_text(spent);
                break;
            }
            try {
                times[i].push_back(time_launch(launcher, sizes[i]).value);
            } catch (const Error& error) {
                report.unmeasured = error.what();
            }
        }
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (times[i].empty()) continue;
        report.points.push_back({sizes[i].nodes, sizes[i].ranks,
                                 measure::summarise<Seconds>(times[i]),
                                 static_cast<int>(times[i].size())});
    }
    report.cost = fit_launch(report.points);
    if (report.cost) report.largest_error = largest_error(*report.cost, report.points);
    return report;
}

}  // namespace amorsize::probe
