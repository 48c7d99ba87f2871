#include "mpi/run/remember.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "mpi/run/journal.hpp"

namespace amorsize::run {

namespace {

constexpr std::int64_t kItemsRead = 10000;  // of a long list
constexpr double kWhole = 0.9;  // of the list; what resumes an almost untouched one is whole too
// Slurm ends a job at its limit or up to a minute later; this process began somewhat after the job.
constexpr double kShareOfLimit = 0.9;
constexpr Seconds kStartOfJob{15};

RunOutcome outcome_of(const RunReport& report, Seconds limit) {
    if (sum(report, &RankFigures::memory_kills) > 0) return RunOutcome::out_of_memory;
    if (report.end == RunEnd::complete) return RunOutcome::completed;
    if (report.end != RunEnd::stopped) return RunOutcome::failed;
    const bool at_limit = report.wall >= std::min(limit * kShareOfLimit, limit - kStartOfJob);
    return at_limit ? RunOutcome::time_limit : RunOutcome::stopped;
}

/// One item of each stretch of the list, anywhere within it: lists may have a period.
class Choice {
public:
    explicit Choice(std::int64_t items) : stretch_(std::max<std::int64_t>(1, items / kItemsRead)) {}
    bool has(std::int64_t item) const {
        const auto number = static_cast<std::uint64_t>(item / stretch_) + 1;
        const std::uint64_t mixed = (number * 0x9E3779B97F4A7C15ull) >> 32;  // Fibonacci hashing
        return item % stretch_ ==
               static_cast<std::int64_t>(mixed % static_cast<std::uint64_t>(stretch_));
    }

private:
    std::int64_t stretch_;
};

/// CPU seconds of a second in an item, over the run: a stream worker's are not told by item.
struct CpuShares {
    double user = 0;
    double system = 0;
};

CpuShares cpu_shares(const RunReport& report) {
    const double busy = sum(report, &RankFigures::busy);
    if (busy <= 0) return {};
    return {sum(report, &RankFigures::user) / busy, sum(report, &RankFigures::system) / busy};
}

Sample sample_of(const ItemRecord& record, const std::optional<CpuShares>& shares,
                 const std::string& item, const std::string& directory) {
    Sample sample;
    sample.seconds = {static_cast<double>(record.seconds)};
    if (record.peak_kib > 0) sample.peak_rss = Bytes{std::int64_t{record.peak_kib} * 1024};
    sample.user =
        shares ? sample.seconds * shares->user : Seconds{static_cast<double>(record.user)};
    sample.system =
        shares ? sample.seconds * shares->system : Seconds{static_cast<double>(record.system)};
    std::error_code no_file;
    const auto size = std::filesystem::file_size(std::filesystem::path(directory) / item, no_file);
    if (!no_file) sample.input = Bytes{static_cast<std::int64_t>(size)};
    return sample;
}

std::vector<Sample> some_items(const PlannedJob& job, const RunReport& report,
                               const RunFolder& folder, const ItemList& items) {
    const Choice choice(items.size());
    std::vector<ItemRecord> chosen;
    for (const RankFiles& files : folder.all_files()) {
        if (files.epoch != report.run) continue;
        for_each_record(files.journal, [&](const JournalHeader&, const ItemRecord& record) {
            if (record.outcome == Outcome::done && choice.has(record.item))
                chosen.push_back(record);
        });
    }
    std::sort(chosen.begin(), chosen.end(),
              [](const ItemRecord& a, const ItemRecord& b) { return a.item < b.item; });
    std::optional<CpuShares> shares;
    if (job.job.mode == Mode::stream) shares = cpu_shares(report);
    std::vector<double> seconds;
    for (const ItemRecord& record : chosen) seconds.push_back(static_cast<double>(record.seconds));
    std::vector<Sample> samples;
    for (const std::size_t which : standing_for_all(seconds)) {
        const ItemRecord& record = chosen[which];
        samples.push_back(sample_of(record, shares, items[record.item], job.job.directory));
    }
    return samples;
}

}  // namespace

FinishedRun begun_run(const PlannedJob& job, double started, const std::string& array) {
    FinishedRun run;
    run.instance = *job.remembered_as;
    run.planned = job.plan.items;
    run.finished_at = std::llround(started);
    run.outcome = RunOutcome::stopped;
    run.time_limit = job.plan.request.time_limit;
    run.array = array;
    return run;
}

FinishedRun finished_run(const PlannedJob& job, const RunReport& report, const RunFolder& folder,
                         const ItemList& items, const std::string& array) {
    FinishedRun run = begun_run(job, report.started + report.wall.value, array);
    run.outcome = outcome_of(report, *run.time_limit);
    run.seconds = report.wall;
    run.items = report.done - report.done_before;
    if (const auto peak = largest(report, &RankFigures::peak_kib); peak > 0)
        run.peak = Bytes{peak * 1024};
    const bool ended = report.done == report.items;
    if (ended && report.done_before == 0 && report.predicted.item_times)
        run.predicted = report.predicted.wall.p50;
    const bool whole = static_cast<double>(run.items) >= kWhole * static_cast<double>(report.items);
    // In mode batch a process's start is in the times of its items.
    if (ended && whole && job.job.mode != Mode::batch)
        run.samples = some_items(job, report, folder, items);
    return run;
}

}  // namespace amorsize::run
