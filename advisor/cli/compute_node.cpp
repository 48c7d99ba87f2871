#include "advisor/cli/compute_node.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "advisor/cli/node_cache.hpp"
#include "advisor/cli/passing_folder.hpp"
#include "advisor/cli/program.hpp"
#include "advisor/core/host_list.hpp"
#include "advisor/core/text.hpp"
#include "advisor/io/measured_line.hpp"
#include "advisor/measure/attended_command.hpp"
#include "advisor/measure/run_command.hpp"
#include "slurm/node_visit.hpp"
#include "slurm/parse_records.hpp"
#include "slurm/refusal.hpp"

namespace amorsize::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Seconds kProbe{10};         // measuring a node takes about four
constexpr Seconds kProbeBetween{60};  // network and launch cost: some 15, longer if steps are slow
constexpr Seconds kProbeAtMost{100};  // a srun that waits for a node that died does so for ever
constexpr int kMostNodes = 8;         // of an allocation that we are in
constexpr Seconds kStartAndEnd{60};   // prolog, the step's launch, the last item, epilog
constexpr Seconds kQuietBeforeWord{3};  // a queue that moves at once needs no line
constexpr Seconds kBetweenWords{60};
constexpr const char* kWithoutSample =
    "--samples FILE, --no-sample, or known figures under profile: in the manifest";
constexpr std::string_view kProgress = "\033[K";

Seconds since(Clock::time_point begin) {
    return {std::chrono::duration<double>(Clock::now() - begin).count()};
}

/// Follows the step by what it says on stderr, and tells the user.
class Watch {
public:
    Watch(std::string partition, Seconds most, bool terminal)
        : partition_(std::move(partition)), most_(most), terminal_(terminal) {}

    void hear(const std::string& piece) {
        if (const auto job = slurm::allocation_named(piece)) job_ = *job;
        if (!piece.starts_with(kProgress)) return;
        if (!started_) started_ = Clock::now();
        if (terminal_) show(piece.substr(kProgress.size()));
    }

    /// True once the wait is over the limit.
    bool tick() {
        if (started_) return false;
        const Seconds waited = since(begin_);
        const std::string line = fmt::format("waiting for a node of partition {}, {} of at most {}",
                                             partition_, to_text(waited), to_text(most_));
        if (terminal_ && waited.value > 1) show(line);
        if (!terminal_ && waited >= next_word_) {
            tell(line + "\n");
            next_word_ = waited + kBetweenWords;
        }
        return waited > most_;
    }

    void done() const {
        if (terminal_) show("");
    }
    /// The allocation's number; empty while it is not known.
    const std::string& job() const { return job_; }
    bool has_started() const { return started_.has_value(); }
    Seconds queued() const {
        return started_ ? Seconds{std::chrono::duration<double>(*started_ - begin_).count()}
                        : since(begin_);
    }
    Seconds held() const { return started_ ? since(*started_) : Seconds{0}; }

private:
    static void show(const std::string& line) { tell(fmt::format("\r{}{}", kProgress, line)); }

    std::string partition_;
    Seconds most_;
    bool terminal_;
    std::string job_;
    Clock::time_point begin_ = Clock::now();
    std::optional<Clock::time_point> started_;
    Seconds next_word_ = kQuietBeforeWord;
};

std::vector<std::string> sample_command(const AdviseOptions& options, const NodeVisit& visit,
                                        const Surroundings& surroundings) {
    std::vector<std::string> command{
        surroundings.command("amorsize-advise"),
        std::filesystem::absolute(options.manifest).lexically_normal().string(), "--observe-here",
        fmt::format("--nodes-like={}", visit.offer.nodes_allowed),
        fmt::format("--seed={}", options.seed)};
    if (const auto yield = visit.offer.figures.smt_yield)
        command.push_back(fmt::format("--smt-yield={}", *yield));
    if (visit.expected) {
        const Expectation& items = *visit.expected;
        command.push_back(
            fmt::format("--expect={},{}{}", items.shortest.value, items.longest.value,
                        items.peak ? fmt::format(",{}", items.peak->value) : std::string()));
    }
    if (options.goal) command.push_back("--goal=" + *options.goal);
    if (options.nodes) command.push_back(fmt::format("--nodes={}", *options.nodes));
    if (options.time) command.push_back("--time=" + *options.time);
    if (options.risk) command.push_back(fmt::format("--risk={}", *options.risk));
    if (options.headroom) command.push_back(fmt::format("--headroom={}", *options.headroom));
    return command;
}

/// In an allocation that we are in its nodes are visited, several only if a probe is asked for.
int nodes_of_allocation(const AdviseOptions& options, const Surroundings& surroundings) {
    const auto list = HostList::parse(surroundings.variable("SLURM_JOB_NODELIST").value_or(""));
    if (!options.probe || !list) return 1;
    return static_cast<int>(std::clamp<std::int64_t>(list->size(), 1, kMostNodes));
}

/// Ranks for which MPI does nothing report by files below `for_reports`, if the nodes share it.
slurm::VisitStep probe_step(const NodeVisit& visit, int nodes, const std::string& for_reports,
                            const Surroundings& surroundings) {
    slurm::VisitStep probe;
    probe.command = {surroundings.command("amorsize-probe"), "--hand-back", "--timeout", "30"};
    if (!for_reports.empty()) {
        const auto spool = std::filesystem::path(for_reports) / "spool";
        probe.command.insert(probe.command.end(), {"--spool", spool.string()});
    }
    probe.nodes = nodes;
    if (nodes > 1) probe.mpi = visit.mpi;
    if (nodes > 1) probe.most = kProbeAtMost;
    probe.telling = nodes == 1 ? "measuring a node, about 5 s"
                               : fmt::format("measuring {} nodes, 10 to 40 s", nodes);
    return probe;
}

slurm::NodeVisit slurm_visit(const AdviseOptions& options, const Manifest& manifest,
                             const NodeVisit& visit, const std::string& for_reports,
                             const Surroundings& surroundings) {
    slurm::NodeVisit asked;
    asked.name = visit.sample ? "amorsize-sample" : "amorsize-probe";
    asked.in_allocation = surroundings.variable("SLURM_JOB_ID").has_value();
    if (!asked.in_allocation) asked.nodes = visit.nodes;
    asked.memory = visit.memory;
    asked.time = kStartAndEnd;
    if (visit.sample) asked.time += manifest.sample.budget;
    const int nodes = asked.in_allocation ? nodes_of_allocation(options, surroundings)
                                          : std::max(1, static_cast<int>(asked.nodes.size()));
    if (visit.probe) {
        asked.time += nodes > 1 ? kProbe + kProbeBetween : kProbe;
        asked.steps.push_back(probe_step(visit, nodes, for_reports, surroundings));
    }
    if (visit.sample) {
        slurm::VisitStep sample;
        sample.command = sample_command(options, visit, surroundings);
        if (!asked.nodes.empty()) sample.node = asked.nodes.front();
        asked.steps.push_back(std::move(sample));
    }
    asked.time = std::min(asked.time, visit.offer.time_allowed.value_or(asked.time));
    return asked;
}

std::vector<std::string> environment_there(const Surroundings& surroundings) {
    std::vector<std::string> list;
    for (const auto& [name, value] : surroundings.environment) {
        if (!slurm::is_srun_option_variable(name))
            list.push_back(fmt::format("{}={}", name, value));
    }
    return list;
}

/// A program that is missing here too is not a matter of what the nodes see, nor worth a wait.
void require_program(const Manifest& manifest) {
    const std::string& program = manifest.command.argv.front();
    const bool path = !manifest.command.shell && program.find('/') != std::string::npos &&
                      program.find_first_of("{$") == std::string::npos;
    if (!path || std::filesystem::exists(std::filesystem::path(manifest.directory) / program)) {
        return;
    }
    throw Error(
        ExitCode::bad_input,
        fmt::format("command: there is no {} (paths start at {})", program, manifest.directory),
        "build it, or correct the path");
}

void cancel(const std::string& job) {
    if (!job.empty()) measure::run_command({"scancel", "--quiet", job}, {10});
}

/// Slurm's word for why a job still waits: "Resources", "Priority", "AssocGrpNodeLimit".
std::string why_waiting(const std::string& job) {
    if (job.empty()) return {};
    const CommandResult answer =
        measure::run_command({"squeue", "--noheader", "--jobs=" + job, "--format=%r"}, {10});
    return answer.status == 0 ? answer.out.substr(0, answer.out.find('\n')) : std::string{};
}

[[noreturn]] void waited_too_long(const NodeVisit& visit, Seconds most, const std::string& reason) {
    throw Error(
        ExitCode::environment,
        fmt::format("no node of partition {} was free within {}{}; the request is cancelled",
                    visit.offer.partition, to_text(most),
                    reason.empty() ? "" : fmt::format(" (Slurm's reason: {})", reason)),
        std::string("wait longer with --wait 1h, try another --partition, or run nothing: ") +
            kWithoutSample);
}

/// Why the probe did not hand back its line.
std::string probe_trouble(const CommandResult& result) {
    static constexpr std::string_view kSays = "amorsize-probe: ";
    std::string own;
    for (const std::string& line : slurm::split(result.err, '\n')) {
        if (line.starts_with(kSays) && !line.starts_with("amorsize-probe: warning: "))
            own = line.substr(kSays.size());
    }
    if (!own.empty()) return own;
    const std::string said = slurm::step_failure(result.err);
    return said.empty() ? "amorsize-probe says nothing" : said.substr(0, said.find('\n'));
}

[[noreturn]] void failed_there(const CommandResult& result, const Manifest& manifest,
                               const NodeVisit& visit, const Watch& watch,
                               const std::string& program) {
    const std::string said = slurm::step_failure(result.err);
    if (!watch.has_started() && said.find("execve()") != std::string::npos) {
        throw Error(ExitCode::environment,
                    fmt::format("{} is not visible on the nodes of partition {}", program,
                                visit.offer.partition),
                    "install it where every node sees it: cmake --install build/release --prefix "
                    "a shared folder");
    }
    if (!watch.has_started()) {
        const Error refusal =
            slurm::explained(visit.sample ? "the sample" : "the probe",
                             said.empty() ? result.err : said, manifest, visit.offer.partition);
        throw Error(
            refusal.code, refusal.what(),
            fmt::format("{}; or {}", refusal.hint,
                        visit.sample ? std::string("run nothing: ") + kWithoutSample
                                     : "plan with figures that are assumed: without --probe"));
    }
    if (!visit.sample) {
        throw Error(ExitCode::environment,
                    fmt::format("the probe of nodes of partition {} brought nothing back: {}",
                                visit.offer.partition, probe_trouble(result)),
                    "where MPI fails, nodes report by files in the cache folder: XDG_CACHE_HOME "
                    "names one that all nodes share; or plan with figures that are assumed: "
                    "without --probe");
    }
    throw Error(ExitCode::environment,
                fmt::format("the sample on a node of partition {} brought nothing back: {}",
                            visit.offer.partition, said.empty() ? "srun says nothing" : said),
                "run the job's command by hand on a node: srun --pty, then the command");
}

/// What nodes left in the folder for reports where the step itself brought nothing back, as when
/// Slurm ends the job of a node that died.
std::optional<MeasuredCluster> collected(const std::string& for_reports,
                                         const Surroundings& surroundings) {
    std::error_code unreadable;
    for (const auto& spool : std::filesystem::directory_iterator(for_reports, unreadable)) {
        const CommandResult result =
            measure::run_command({surroundings.command("amorsize-probe"), "--hand-back",
                                  "--collect", spool.path().string()},
                                 {30});
        if (auto measured = find_measured(result.out)) return measured;
    }
    return std::nullopt;
}

}  // namespace

Visited visit_nodes(const AdviseOptions& options, const Manifest& manifest, const NodeVisit& visit,
                    const Surroundings& surroundings) {
    if (visit.sample) require_program(manifest);
    const measure::HeldSignals signals;
    const PassingFolder for_reports(visit.probe ? cache_folder(surroundings) : std::string());
    const slurm::NodeVisit asked =
        slurm_visit(options, manifest, visit, for_reports.path(), surroundings);
    Watch watch(visit.offer.partition, options.wait, surroundings.progress_to_terminal);
    measure::AttendedCommand command;
    command.argv = slurm::visit_arguments(asked, manifest, visit.offer);
    command.environment = environment_there(surroundings);
    command.heard = [&](const std::string& piece) { watch.hear(piece); };
    bool too_long = false;
    std::string reason;
    bool cancelled = false;
    command.give_up = [&] {
        if (!too_long && watch.tick()) {
            too_long = true;
            reason = why_waiting(watch.job());
        }
        // salloc itself is deaf while its command runs: what ends that is the end of the job.
        if ((too_long || signals.came()) && !cancelled) {
            cancel(watch.job());
            cancelled = !watch.job().empty();
        }
        return too_long;
    };
    const CommandResult result = measure::run_attended(command, signals);
    watch.done();
    if (result.timed_out) cancel(watch.job());
    if (signals.came()) {
        throw Error(ExitCode::environment, "interrupted; the job on compute nodes is cancelled");
    }
    if (too_long) waited_too_long(visit, options.wait, reason);

    Visited visited;
    visited.sampled = find_findings(result.out);
    visited.measured = find_measured(result.out);
    if (visit.probe && !visited.measured)
        visited.measured = collected(for_reports.path(), surroundings);
    const bool nothing = visit.sample ? !visited.sampled : !visited.measured;
    if (nothing) failed_there(result, manifest, visit, watch, asked.steps.back().command.front());
    if (visited.sampled && visited.sampled->error) {
        const NodeFindings& failed = *visited.sampled;
        throw Error(failed.error->code,
                    fmt::format("on node {}: {}", failed.node, failed.error->what()),
                    failed.error->hint);
    }
    if (visit.probe && !visited.measured) visited.trouble = probe_trouble(result);
    visited.job =
        asked.in_allocation ? surroundings.variable("SLURM_JOB_ID").value_or("") : watch.job();
    visited.nodes = std::max(asked.in_allocation ? 1 : visit.offer.nodes_least,
                             static_cast<int>(asked.nodes.size()));
    visited.queued = watch.queued();
    visited.held = watch.held();
    return visited;
}

}  // namespace amorsize::cli
