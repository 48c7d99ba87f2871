#include "mpi/run/run_job.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <map>

#include "advisor/core/command_line.hpp"
#include "advisor/core/error.hpp"
#include "advisor/core/worker_environment.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/items.hpp"
#include "advisor/measure/topology_source.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "advisor/measure/usable_memory.hpp"
#include "mpi/run/agreement.hpp"
#include "mpi/run/disk_sync.hpp"
#include "mpi/run/item_texts.hpp"
#include "mpi/run/job_log.hpp"
#include "mpi/run/own_workers.hpp"
#include "mpi/run/placement.hpp"
#include "mpi/run/progress.hpp"
#include "mpi/run/rank_loop.hpp"
#include "mpi/run/run_folder.hpp"
#include "mpi/run/run_state.hpp"
#include "mpi/run/stream_lines.hpp"
#include "mpi/run/text_file.hpp"

namespace amorsize::run {

namespace {

namespace fs = std::filesystem;

/// What all ranks must know of earlier runs before they begin.
struct Resumption {
    int epoch = 1;
    std::int64_t done_before = 0;
    std::int64_t failed_before = 0;
    ItemSet settled;
};

std::string encode(const Resumption& resumption) {
    const std::array<std::int64_t, 3> numbers{resumption.epoch, resumption.done_before,
                                              resumption.failed_before};
    return std::string(reinterpret_cast<const char*>(numbers.data()), sizeof numbers) +
           std::string(resumption.settled.bytes());
}

Resumption decode(const std::string& text, std::int64_t items) {
    std::array<std::int64_t, 3> numbers;
    std::memcpy(numbers.data(), text.data(), sizeof numbers);
    return {static_cast<int>(numbers[0]), numbers[1], numbers[2],
            ItemSet(items, std::string_view(text).substr(sizeof numbers))};
}

/// Rank 0's part of the start: the lock must be held before anything in the folder is read or
/// removed.
Resumption take_up(const RunFolder& folder, const RunOptions& options, std::int64_t items,
                   const std::string& identity) {
    if (options.fresh) folder.clear();
    claim_folder(folder, identity);
    RunState state = read_run_state(folder, items);
    Resumption resumption{state.last_epoch + 1, state.done.count(), 0, std::move(state.done)};
    if (!options.retry_failed) {
        resumption.failed_before = state.failed.count();
        resumption.settled.insert(state.failed);
    }
    return resumption;
}

/// Mode program has no items of its own: each rank's one start of the command stands for one.
std::int64_t tasks_of(const PlannedJob& job, const ItemList& items, const Team& team) {
    return job.job.mode == Mode::program ? team.size() : items.size();
}

/// What this rank may use of its node: the launcher's binding, or a share where ranks of the node
/// were all given the same.
measure::UsableCpus own_cpus(Team& team) {
    measure::UsableCpus usable = measure::usable_cpus();
    const std::string mine(reinterpret_cast<const char*>(usable.pus.data()),
                           usable.pus.size() * sizeof(int));
    const std::vector<std::string> all = team.gather_on_node(mine);
    const auto index = static_cast<std::ptrdiff_t>(team.local_rank());
    const auto before = static_cast<int>(std::count(all.begin(), all.begin() + index, mine));
    const auto same = static_cast<int>(std::count(all.begin(), all.end(), mine));
    if (same > 1) {
        usable.pus = share_of_cpus(usable.pus, before, same);
        usable.cpus = std::min(usable.cpus / same, static_cast<double>(usable.pus.size()));
    }
    return usable;
}

/// The cores of this rank; none where hwloc was told to describe another machine: then nothing is
/// pinned.
Topology own_topology(const measure::UsableCpus& usable) {
    const measure::Machine machine = measure::discover_machine();
    return machine.this_machine ? measure::restrict_to(machine.topology, usable) : Topology{};
}

std::vector<std::string> item_environment(const PlannedJob& job, const RunOptions& options,
                                          const Team& team, int workers) {
    Assignment assignment;
    assignment.rank = team.rank();
    std::map<std::string, std::string> changes = worker_environment(job.job, assignment);
    const auto index = static_cast<std::size_t>(team.rank());
    const RankPlan own = index < job.plan.ranks.size() ? job.plan.ranks[index] : RankPlan{};
    changes["AMORSIZE_PLAN"] = fs::absolute(options.plan_path).string();
    changes["AMORSIZE_RANKS"] = std::to_string(team.size());
    changes["AMORSIZE_WORKERS"] = std::to_string(workers);
    changes["AMORSIZE_CHUNK"] = std::to_string(own.chunk);
    changes["AMORSIZE_CHUNKS"] = std::to_string(own.chunks);
    if (job.job.mode == Mode::stream) changes.emplace("PYTHONUNBUFFERED", "1");
    std::vector<std::string> environment =
        with_changes(without_launcher(options.environment), changes);
    std::erase_if(environment, [](const std::string& entry) {
        return entry.rfind("AMORSIZE_WORKER=", 0) == 0 || entry.rfind("AMORSIZE_ITEM=", 0) == 0;
    });
    return environment;
}

/// The chunks of this run over what is missing, for the workers that really exist.
ChunkSequence chunks_for(const PlannedJob& job, std::int64_t missing, std::int64_t workers) {
    const Layout& layout = job.plan.layout;
    std::int64_t largest = layout.chunk;
    // A resumed run has fewer items than the fixed chunk was chosen for.
    if (layout.schedule == Schedule::fixed) {
        largest = std::clamp<std::int64_t>((missing + workers - 1) / workers, 1,
                                           std::max<std::int64_t>(1, largest));
    }
    return {layout.schedule, missing, workers, largest};
}

std::int64_t sum_over_ranks(Team& team, std::int64_t value) {
    const auto all = team.gather(std::to_string(value));
    std::int64_t sum = 0;
    for (const std::string& text : all) sum += std::stoll(text);
    return std::stoll(team.broadcast(std::to_string(sum)));
}

template <class T>
std::vector<T> gather_values(Team& team, const T& value) {
    std::vector<T> values;
    for (const std::string& text :
         team.gather({reinterpret_cast<const char*>(&value), sizeof value})) {
        std::memcpy(&values.emplace_back(), text.data(), sizeof(T));
    }
    return values;
}

void write_failed_list(const RunFolder& folder, const ItemSet& failed, ItemTexts& items) {
    const std::string path = folder.sibling(".failed");
    if (failed.count() == 0) {
        ::unlink(path.c_str());
        return;
    }
    TextFile file(path);
    for (std::int64_t item = 0; item < failed.size(); ++item) {
        if (!failed.contains(item)) continue;
        std::string line;
        const std::string& text = items[item];
        if (text.find('\n') == std::string::npos) {
            line = text + "\n";
        } else {
            append_as_line(line, text);
        }
        file.append(line);
    }
    file.replace();
}

std::string command_text(const PlannedJob& job, ItemTexts& items, std::int64_t item) {
    if (job.job.mode == Mode::program) return shell_quoted(job.job.command.argv);
    if (job.job.mode == Mode::stream) return items[item];
    Assignment assignment;
    assignment.items = {items[item]};
    assignment.index = item;
    return shell_quoted(expand_command(job.job.command, assignment));
}

std::string signal_name(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name != nullptr ? std::string("SIG") + name : fmt::format("signal {}", signal);
}

RunEnd end_of(const RunReport& report, bool broken) {
    if (broken) return RunEnd::broken;
    if (report.done == report.items) return RunEnd::complete;
    if (report.done + report.failed == report.items) return RunEnd::items_failed;
    return RunEnd::stopped;
}

/// A rank of a run, from the start to its figures.
class Rank {
public:
    Rank(const PlannedJob& job, const RunOptions& options, Team& team,
         const BlockedSignals& signals, const ItemList& items)
        : job_(job),
          options_(options),
          team_(team),
          signals_(signals),
          items_(items),
          folder_(options.plan_path) {}

    RunReport run();

private:
    std::string identity() const;
    void enter_folder();
    RankSetup setup();
    RunReport report(const std::vector<RankFigures>& ranks,
                     const std::vector<std::string>& failures, const Resumption& resumption);
    void conclude(RunReport& report);

    const PlannedJob& job_;
    const RunOptions& options_;
    Team& team_;
    const BlockedSignals& signals_;
    const ItemList& items_;
    ItemTexts texts_{items_};
    RunFolder folder_;
    std::optional<RunLock> lock_;
    WallTimes wall_times_;
    SteadyClock::time_point begin_ = SteadyClock::now();
};

std::string Rank::identity() const {
    if (job_.job.mode == Mode::program) return fmt::format("program of {} ranks\n", team_.size());
    return items_identity(job_.job.items, job_.job.directory, items_);
}

void Rank::enter_folder() {
    agree(team_, [this] {
        folder_.create();
        lock_ = RunLock::for_run(folder_);
        if (!lock_->effective()) {
            options_.say("warning: " + folder_.path() +
                         " is on a file system without locks: make sure that no other run of this "
                         "plan is going on\n");
        }
        return std::string();
    });
    if (team_.rank() != 0) lock_ = RunLock::for_rank(folder_, team_.rank());
}

RankSetup Rank::setup() {
    const measure::UsableCpus usable = own_cpus(team_);
    const Topology topology = own_topology(usable);
    RankResources found;
    found.hardware_threads = usable.whole();
    found.memory = measure::usable_memory().available / team_.local_size();
    OwnWorkers own = own_workers(job_, team_.rank(), found);
    if (options_.workers) own = {*options_.workers, {}};
    if (job_.job.mode == Mode::program) own = {1, {}};
    if (!own.difference.empty())
        options_.say(fmt::format("rank {}: {}\n", team_.rank(), own.difference));

    RankSetup setup;
    setup.retry = job_.job.retry;
    setup.grace = options_.grace;
    setup.workers.mode = job_.job.mode;
    setup.workers.command = job_.job.command;
    setup.workers.item_text = [this](std::int64_t item) -> std::string { return texts_[item]; };
    setup.workers.environment = item_environment(job_, options_, team_, own.workers);
    setup.workers.places = place_workers(
        topology, {own.workers, job_.job.resources.threads, job_.plan.layout.threads_per_core});
    setup.workers.rank = team_.rank();
    return setup;
}

RunReport Rank::run() {
    const std::int64_t tasks = tasks_of(job_, items_, team_);
    enter_folder();
    const std::string known =
        agree(team_, [&] { return encode(take_up(folder_, options_, tasks, identity())); });
    Resumption resumption = decode(known, tasks);
    const MissingItems missing(resumption.settled);

    RankSetup setup = this->setup();
    setup.item_at = [&missing](std::int64_t position) { return missing[position]; };
    const bool shared = job_.job.mode != Mode::program;
    if (!shared && !resumption.settled.contains(team_.rank()))
        setup.own_tasks.push_back({team_.rank()});
    Progress progress(tasks, resumption.done_before + resumption.failed_before,
                      options_.progress_on_terminal);
    if (team_.rank() == 0) {
        setup.show_progress = [&](const Tally& tally) {
            if (const std::string text = progress.show(tally); !text.empty()) options_.say(text);
        };
    }
    const auto own_workers = static_cast<std::int64_t>(setup.workers.places.size());
    const ChunkSequence chunks =
        chunks_for(job_, shared ? missing.count() : 0, sum_over_ranks(team_, own_workers));

    RankFigures figures;
    std::string failure;
    const RankFiles files = folder_.files_of(resumption.epoch, team_.rank());
    std::optional<JournalWriter> journal;
    std::optional<OutputWriter> output;
    all_or_none(team_, [&] {
        fs::current_path(job_.job.directory);
        JournalHeader header{
            resumption.epoch, team_.rank(), static_cast<std::int32_t>(own_workers), {}};
        ::gethostname(header.host, sizeof header.host - 1);
        output.emplace(files.output);
        journal.emplace(files.journal, header);
    });
    {
        DiskSync disk({output->descriptor(), journal->descriptor()});
        Poller poller;
        const ChildStarter starter(signals_);
        const auto workers = make_workers(setup.workers, starter, poller, *output);
        ChunkSource source(chunks, team_.counter(), relative_speed(job_.plan, team_.rank()));
        RankLoop loop(setup, team_, source, signals_, poller, *workers, *journal, *output, disk);
        figures = loop.run();
        if (loop.failure())
            failure = fmt::format("{} ({})", loop.failure()->what(), loop.failure()->hint);
        loop.wind_down();
    }
    const auto ranks = gather_values(team_, figures);
    const auto failures = team_.gather(failure);
    RunReport result;
    if (team_.rank() == 0) {
        if (const std::string text = progress.finish(); !text.empty()) options_.say(text);
        result = report(ranks, failures, resumption);
        conclude(result);
    }
    return result;
}

RunReport Rank::report(const std::vector<RankFigures>& ranks,
                       const std::vector<std::string>& failures, const Resumption& resumption) {
    RunReport report;
    report.name = job_.job.name;
    report.items = resumption.settled.size();
    report.done_before = resumption.done_before;
    report.done = resumption.done_before;
    report.failed = resumption.failed_before;
    report.run = resumption.epoch;
    report.started = wall_times_(begin_);
    report.wall = Seconds{seconds_between(begin_, SteadyClock::now())};
    report.ranks = ranks;
    report.predicted = job_.plan.predicted;
    report.schedule = job_.plan.layout.schedule;
    bool broken = false;
    for (const RankFigures& rank : ranks) {
        report.done += rank.done;
        report.failed += rank.failed;
        if (rank.stopped_by != 0) {
            report.trouble = signal_name(rank.stopped_by) +
                             ": run the same command again to take up where this run stopped";
        }
    }
    for (const std::string& failure : failures) {
        if (failure.empty()) continue;
        broken = true;
        report.trouble = failure;
    }
    report.end = end_of(report, broken);
    return report;
}

/// What is made from the journals once all ranks are through. The journals have all of it: a run
/// that only failed to write it down is repeated in no time.
void Rank::conclude(RunReport& report) {
    try {
        write_job_log(folder_,
                      [this](std::int64_t item) { return command_text(job_, texts_, item); });
        write_failed_list(folder_, read_run_state(folder_, report.items).failed, texts_);
        write_file_atomically(folder_.file("report.json"), to_json(report));
    } catch (const Error& error) {
        report.end = RunEnd::broken;
        report.trouble = fmt::format("{} ({})", error.what(), error.hint);
    }
}

}  // namespace

RunReport run_job(const PlannedJob& job, const RunOptions& options, Team& team,
                  const BlockedSignals& signals) {
    std::optional<ItemList> items;
    all_or_none(team, [&] { items.emplace(job.job.items, job.job.directory); });
    return Rank(job, options, team, signals, *items).run();
}

int exit_code_of(RunEnd end) {
    switch (end) {
        case RunEnd::complete:
            return 0;
        case RunEnd::items_failed:
            return 6;
        case RunEnd::stopped:
            return 7;
        case RunEnd::broken:
            return 5;
    }
    return 1;
}

}  // namespace amorsize::run
