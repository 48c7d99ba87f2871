#include "mpi/run/run_job.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>

#include "advisor/core/error.hpp"
#include "advisor/core/job_array.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/history.hpp"
#include "advisor/io/items.hpp"
#include "advisor/io/run_report_json.hpp"
#include "mpi/run/agreement.hpp"
#include "mpi/run/command_texts.hpp"
#include "mpi/run/disk_sync.hpp"
#include "mpi/run/item_texts.hpp"
#include "mpi/run/job_log.hpp"
#include "mpi/run/own_workers.hpp"
#include "mpi/run/progress.hpp"
#include "mpi/run/rank_loop.hpp"
#include "mpi/run/rank_setup.hpp"
#include "mpi/run/remember.hpp"
#include "mpi/run/run_folder.hpp"
#include "mpi/run/run_state.hpp"
#include "mpi/run/stream_lines.hpp"
#include "mpi/run/text_file.hpp"
#include "mpi/run/work_list.hpp"

namespace amorsize::run {

namespace {

namespace fs = std::filesystem;

/// "" where it is not set.
std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Mode program has no items of its own: each rank's one start of the command stands for one.
std::int64_t tasks_of(const PlannedJob& job, const ItemList& items, const Team& team) {
    return job.job.mode == Mode::program ? team.size() : items.size();
}

/// The chunks of this run over what is missing, for the workers that really exist. A program's
/// ranks have nothing to share.
ChunkSequence chunks_for(const PlannedJob& job, const WorkList& list, std::int64_t workers) {
    const Layout& layout = job.plan.layout;
    const std::int64_t units = job.job.mode == Mode::program ? 0 : list.units();
    std::int64_t largest = layout.chunk * list.units_of_mean_item();
    // A resumed run has fewer items than the fixed chunk was chosen for.
    if (layout.schedule == Schedule::fixed)
        largest = std::min(largest, (units + workers - 1) / workers);
    return {layout.schedule, units, workers, largest};
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

RunEnd end_of(const RunReport& report, bool broken) {
    if (broken) return RunEnd::broken;
    if (report.done == report.items) return RunEnd::complete;
    if (report.done + report.failed == report.items) return RunEnd::items_failed;
    return RunEnd::stopped;
}

/// The items of the element asked for. An array's plan can be run as a whole, too.
std::optional<ArrayShare> share_of(const PlannedJob& job, const RunOptions& options) {
    if (!options.element) return std::nullopt;
    const std::optional<ArrayPlan>& array = job.plan.request.array;
    if (!array) {
        throw Error(ExitCode::usage, "--element: the plan is no job array",
                    "leave --element out, or plan with strategy: array");
    }
    if (*options.element >= array->elements) {
        throw Error(ExitCode::usage, fmt::format("--element {}: the plan has elements 0 to {}",
                                                 *options.element, array->elements - 1));
    }
    return ArrayShare{*options.element, array->elements};
}

/// What a rank has to tell at its end.
struct RankEnd {
    RankFigures figures;
    std::string failure;  ///< empty: none
};

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
          whole_(options.plan_path),
          share_(share_of(job, options)),
          folder_(share_ ? whole_.of_element(share_->number) : whole_) {}

    RunReport run();

private:
    std::string identity() const;
    void enter_folder();
    RankSetup set_up(const Resumption& resumption, const WorkList& list);
    RankEnd run_items(const RankSetup& setup, const WorkList& list, int epoch);
    RunReport report(const std::vector<RankFigures>& ranks,
                     const std::vector<std::string>& failures, const Resumption& resumption);
    void conclude(RunReport& report);
    bool to_be_remembered() const;
    void note_beginning();
    void remember(const RunReport& report);
    void tell_history(const std::function<void(History&)>& what);

    const PlannedJob& job_;
    const RunOptions& options_;
    Team& team_;
    const BlockedSignals& signals_;
    const ItemList& items_;
    ItemTexts texts_{items_};
    RunFolder whole_;  ///< of the plan
    std::optional<ArrayShare> share_;
    RunFolder folder_;  ///< of this run: an element's own, or the whole
    std::optional<RunLock> array_lock_;
    std::optional<RunLock> lock_;
    std::string array_;              ///< SLURM_ARRAY_JOB_ID of an element; empty: the run is none
    std::optional<BegunRun> begun_;  ///< in the history
    bool history_failed_ = false;
    WallTimes wall_times_;
    SteadyClock::time_point begin_ = SteadyClock::now();
};

std::string Rank::identity() const {
    if (job_.job.mode == Mode::program) return fmt::format("program of {} ranks\n", team_.size());
    return items_identity(job_.job.items, job_.job.directory, items_);
}

void Rank::enter_folder() {
    agree(team_, [this] {
        whole_.create();
        if (share_) {
            array_lock_ = RunLock::for_element(whole_, *share_);
            folder_.create();
        }
        lock_ = RunLock::for_run(folder_);
        if (!lock_->effective()) {
            options_.say("warning: " + folder_.path() +
                         " is on a file system without locks: make sure that no other run of this "
                         "plan is going on\n");
        }
        return std::string();
    });
    if (team_.rank() == 0) return;
    if (share_) array_lock_ = RunLock::for_element(whole_, *share_);
    lock_ = RunLock::for_rank(folder_, team_.rank());
}

RunReport Rank::run() {
    const std::int64_t tasks = tasks_of(job_, items_, team_);
    enter_folder();
    const std::string known = agree(team_, [&] {
        return encode(take_up(whole_, share_, options_.resume, job_, items_, tasks, identity(),
                              options_.say));
    });
    const Resumption resumption = decode_resumption(known, tasks);
    const WorkList list(resumption);
    Progress progress(tasks, resumption.done_before + resumption.failed_before,
                      options_.progress_on_terminal);
    RankSetup setup = set_up(resumption, list);
    setup.workers.say = [&](const std::string& text) { options_.say(progress.finish() + text); };
    if (team_.rank() == 0) {
        setup.show_progress = [&](const Tally& tally) {
            if (const std::string text = progress.show(tally); !text.empty()) options_.say(text);
        };
    }
    if (team_.rank() == 0) note_beginning();
    const RankEnd end = run_items(setup, list, resumption.epoch);
    const auto ranks = gather_values(team_, end.figures);
    const auto failures = team_.gather(end.failure);
    RunReport result;
    if (team_.rank() == 0) {
        if (const std::string text = progress.finish(); !text.empty()) options_.say(text);
        result = report(ranks, failures, resumption);
        conclude(result);
        remember(result);
    }
    return result;
}

RankSetup Rank::set_up(const Resumption& resumption, const WorkList& list) {
    OwnSetup own = set_up_workers(job_, options_, team_, texts_);
    const auto differences = team_.gather(own.difference);
    if (const std::string text = by_rank(differences); !text.empty()) options_.say(text);
    RankSetup setup;
    setup.workers = std::move(own.workers);
    setup.retry = job_.job.retry;
    setup.workers.silence = options_.silence;
    setup.grace = options_.grace;
    setup.item_at = [&list](std::int64_t place) { return list.item(place); };
    if (job_.job.mode == Mode::program && !resumption.settled.contains(team_.rank())) {
        setup.own_tasks.push_back({team_.rank()});
    }
    return setup;
}

RankEnd Rank::run_items(const RankSetup& setup, const WorkList& list, int epoch) {
    const RankFiles files = folder_.files_of(epoch, team_.rank());
    const auto workers_here = static_cast<std::int32_t>(setup.workers.places.size());
    const ChunkSequence chunks = chunks_for(job_, list, sum_over_ranks(team_, workers_here));
    std::optional<JournalWriter> journal;
    std::optional<OutputWriter> output;
    all_or_none(team_, [&] {
        fs::current_path(job_.job.directory);
        JournalHeader header{epoch, team_.rank(), workers_here, {}};
        ::gethostname(header.host, sizeof header.host - 1);
        output.emplace(files.output);
        journal.emplace(files.journal, header);
    });
    DiskSync disk({output->descriptor(), journal->descriptor()});
    Poller poller;
    const ChildStarter starter(signals_);
    const auto workers = make_workers(setup.workers, starter, poller, *output);
    ChunkSource source(chunks, team_.counter(), relative_speed(job_.plan, team_.rank()),
                       [&list](const ItemSpan& units) { return list.places(units); });
    RankLoop loop(setup, team_, source, signals_, poller, *workers, *journal, *output, disk);
    RankEnd end;
    end.figures = loop.run();
    if (const auto& failure = loop.failure())
        end.failure = fmt::format("{} ({})", failure->what(), failure->hint);
    loop.wind_down();
    return end;
}

RunReport Rank::report(const std::vector<RankFigures>& ranks,
                       const std::vector<std::string>& failures, const Resumption& resumption) {
    RunReport report;
    report.name = job_.job.name;
    report.slurm_job = variable("SLURM_JOB_ID");
    report.program = job_.job.mode == Mode::program;
    report.items = resumption.items;
    report.done_before = resumption.done_before;
    report.done = resumption.done_before;
    report.failed = resumption.failed_before;
    report.run = resumption.epoch;
    report.started = wall_times_(begin_);
    report.wall = Seconds{seconds_between(begin_, SteadyClock::now())};
    report.ranks = ranks;
    report.predicted = share_ ? predicted_of_element(job_.plan) : job_.plan.predicted;
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
    CommandTexts commands(job_, texts_);
    try {
        write_job_log(folder_, [&commands](std::int64_t item) { return commands(item); });
        if (job_.job.mode != Mode::program) {
            const bool any = report.failed > 0;
            write_failed_list(
                folder_, any ? read_run_state(folder_, items_.size()).failed : ItemSet(0), texts_);
        }
        write_file_atomically(folder_.file("report.json"), to_json(report));
    } catch (const Error& error) {
        report.end = RunEnd::broken;
        report.trouble = fmt::format("{} ({})", error.what(), error.hint);
    }
}

/// Workers of the caller's own make the run another than the planned one. An element alone tells
/// too little of the whole, so it is remembered only where Slurm says which array it belongs to.
bool Rank::to_be_remembered() const {
    return !options_.history.empty() && job_.remembered_as && !options_.workers &&
           (!share_ || !array_.empty());
}

/// Where accounting can tell how a run ended that does not live to say so itself.
void Rank::note_beginning() {
    const std::string job = variable("SLURM_JOB_ID");
    if (share_) array_ = variable("SLURM_ARRAY_JOB_ID");
    if (job.empty() || !to_be_remembered()) return;
    tell_history([&](History& history) {
        begun_ = history.begin(job, begun_run(job_, wall_times_(begin_), array_));
    });
}

/// For the next advice, which does not depend on it. Where nothing was run there is nothing to
/// tell.
void Rank::remember(const RunReport& report) {
    const bool tells = report.done > report.done_before || report.end == RunEnd::stopped ||
                       sum(report, &RankFigures::memory_kills) > 0;
    if (!to_be_remembered() || (!tells && !begun_)) return;
    tell_history([&](History& history) {
        std::optional<FinishedRun> run;
        if (tells) run = finished_run(job_, report, folder_, items_, array_);
        if (begun_) {
            history.end(*begun_, run);
        } else {
            history.record(*run);
        }
    });
}

void Rank::tell_history(const std::function<void(History&)>& what) {
    if (history_failed_) return;  // as has been said
    try {
        History history(options_.history);
        what(history);
    } catch (const Error& error) {
        history_failed_ = true;
        options_.say(
            fmt::format("note: the run is not remembered: {} ({})\n", error.what(), error.hint));
    }
}

}  // namespace

RunReport run_job(const PlannedJob& job, const RunOptions& options, Team& team,
                  const BlockedSignals& signals) {
    std::optional<ItemList> items;
    all_or_none(team, [&] { items.emplace(job.job.items, job.job.directory); });
    const PlannedJob own = team.size() == 1 ? for_one_rank(job) : job;
    return Rank(own, options, team, signals, *items).run();
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
