#include "advisor/measure/sample_session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "advisor/core/command_line.hpp"
#include "advisor/core/sample_choice.hpp"
#include "advisor/core/worker_environment.hpp"
#include "advisor/measure/common_pages.hpp"
#include "advisor/measure/sample_failure.hpp"
#include "advisor/measure/warm_up.hpp"

namespace amorsize::measure {

namespace {

constexpr double kSmallestShare = 0.01;  // of a process's time that its items keep beside its start
constexpr double kBusyNode = 0.1;        // share of an item's time in queues worth telling
constexpr Seconds kUnnoticed{0.5};       // what items alone may take of any job
constexpr double kShareBeforeRounds = 0.5;  // of the budget, for items beyond sample.size
constexpr std::size_t kShownItem = 80;

bool alone(const SampledItem& item) {
    return item.sample.concurrency == 1;
}

std::string name_of(std::int64_t index, const std::string& text) {
    const std::string shown = text.size() > kShownItem ? text.substr(0, kShownItem) + "..." : text;
    return fmt::format("item {} ({})", index, shell_quoted(std::string_view(shown)));
}

std::string host_name() {
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0) return "this machine";
    return name;
}

/// How the origin of the samples reads: "5 items spread over the list, 4 more side by side, on n1".
std::string origin(const std::vector<SampledItem>& items, SampleChoice choice) {
    const auto single = std::count_if(items.begin(), items.end(), alone);
    const auto beside = static_cast<std::ptrdiff_t>(items.size()) - single;
    const char* how = choice == SampleChoice::spread   ? "spread over the list"
                      : choice == SampleChoice::random ? "chosen at random"
                                                       : "from the start of the list";
    std::string text = fmt::format("{} item{} {}", single, single == 1 ? "" : "s", how);
    if (beside > 0) text += fmt::format(", {} more side by side,", beside);
    return text + " on " + host_name();
}

}  // namespace

SampleSession::SampleSession(const SampleRequest& request)
    : request_(request),
      begin_(Clock::now()),
      budget_ends_(begin_ +
                   std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(request.manifest.sample.budget.value))),
      environment_(request.environment),
      directory_(request.manifest.directory) {}

Seconds SampleSession::elapsed() const {
    return seconds_between(begin_, Clock::now());
}

void SampleSession::report(const std::string& phase, int done, int planned) const {
    if (request_.progress) request_.progress({phase, done, planned, elapsed()});
}

void SampleSession::run_prelude() {
    if (request_.manifest.prelude.empty()) return;
    report("prelude", 0, 1);
    // In the job the prelude runs once, before the launch, so its time is no part of an item's.
    const std::string separator(1, '\0');
    const std::string marker = separator + "amorsize" + separator;
    ItemCommand command;
    command.argv = {"bash", "-c",
                    fmt::format("{}\nprintf '\\0amorsize\\0%s\\0' \"$PWD\"\nexec env -0",
                                fmt::join(request_.manifest.prelude, "\n"))};
    command.environment = with_changes(environment_, request_.manifest.environment);
    command.directory = directory_;
    const ItemRun run = run_item(scope_, command, limits());
    const std::size_t found = run.out.rfind(marker);
    if (!run.succeeded() || found == std::string::npos) {
        throw failure("the prelude", command, run, limits().time);
    }

    std::vector<std::string> entries;
    for (std::size_t at = found + marker.size(); at < run.out.size();) {
        const std::size_t end = std::min(run.out.find('\0', at), run.out.size());
        entries.push_back(run.out.substr(at, end - at));
        at = end + 1;
    }
    directory_ = entries.front();
    environment_.assign(entries.begin() + 1, entries.end());
    std::erase(environment_, scope_.mark());
}

ItemCommand SampleSession::command(const std::vector<std::int64_t>& indices, int worker) const {
    Assignment assignment;
    for (const std::int64_t index : indices) assignment.items.push_back(item_text(index));
    assignment.index = indices.empty() ? 0 : indices.front();
    assignment.worker = worker;
    ItemCommand command;
    command.argv = expand_command(request_.manifest.command, assignment);
    command.environment =
        with_changes(environment_, worker_environment(request_.manifest, assignment));
    command.directory = directory_;
    return command;
}

ItemCommand SampleSession::command_with_threads(std::int64_t index, int threads) const {
    ItemCommand command = this->command({index}, 0);
    command.environment = with_changes(command.environment, thread_variables(threads));
    return command;
}

std::vector<std::int64_t> SampleSession::choose(std::int64_t count, std::uint64_t stream) {
    return choose_samples(request_.items, count, request_.manifest.sample.choose,
                          request_.seed + stream * 0x9e3779b97f4a7c15U, taken_);
}

ItemLimits SampleSession::limits() const {
    ItemLimits limits;
    limits.time = seconds_between(Clock::now(), budget_ends_);
    if (request_.manifest.sample.timeout) {
        limits.time = std::min(limits.time, *request_.manifest.sample.timeout);
    }
    if (request_.manifest.sample.reuse) limits.keep_output = request_.keep_output;
    return limits;
}

std::vector<Sample> SampleSession::samples() const {
    std::vector<Sample> samples;
    for (const SampledItem& item : result_.items) samples.push_back(item.sample);
    return samples;
}

Seconds SampleSession::mean_alone() const {
    Seconds sum;
    int count = 0;
    for (const SampledItem& item : result_.items) {
        if (!alone(item)) continue;
        sum += item.sample.seconds;
        ++count;
    }
    return count == 0 ? Seconds{} : sum / count;
}

double SampleSession::busy_share() const {
    Seconds cpu;
    Seconds wall;
    for (const SampledItem& item : result_.items) {
        if (!alone(item)) continue;
        cpu += item.run.user + item.run.system + item.run.queued;
        wall += item.sample.seconds;
    }
    const double threads = std::max(1, request_.manifest.resources.threads);
    return wall.value > 0 ? cpu.value / (wall.value * threads) : 1;
}

ParallelGain SampleSession::gain() const {
    if (request_.gain) return request_.gain(samples());
    const double cores = static_cast<double>(std::max<std::size_t>(request_.cores.size(), 1)) /
                         std::max(1, request_.manifest.resources.threads);
    // Two at least: the job need not run on this node.
    const double workers = std::max(2.0, cores / std::clamp(busy_share(), 0.01, 1.0));
    const auto items = static_cast<double>(request_.items);
    const double rounds = std::max(items / workers, 1.0);
    return {mean_alone() * (items - rounds), items / rounds};
}

int SampleSession::worth_adding() const {
    const bool may_grow = request_.manifest.sample.may_grow && request_.stake;
    if (!may_grow || result_.ended_by != SampleEnd::complete) return 0;
    const auto so_far =
        static_cast<int>(std::count_if(result_.items.begin(), result_.items.end(), alone));
    const Seconds time = mean_alone();
    const Seconds room = request_.manifest.sample.budget * kShareBeforeRounds - elapsed();
    const double affordable = std::min(room / std::max(time, Seconds{1e-9}), double(so_far));
    const auto most =
        static_cast<int>(std::min(std::max(affordable, 0.0), static_cast<double>(left())));
    const SampleStake stake = request_.stake(samples());
    const Seconds serial = time * static_cast<double>(request_.items);
    const Seconds cost = time - spared(time, serial / stake.run);
    return further_samples(so_far, so_far + most, cost, stake);
}

int SampleSession::missing_for_nothing() const {
    const SamplePolicy& wanted = request_.manifest.sample;
    return wanted.reuse ? std::max(0, wanted.size - static_cast<int>(result_.items.size())) : 0;
}

std::optional<CommonPages> SampleSession::common() const {
    std::vector<const ItemRun*> runs;
    for (const SampledItem& item : result_.items) runs.push_back(&item.run);
    return common_pages(runs);
}

void SampleSession::begin_phase() {
    phase_begin_ = elapsed();
    kept_in_phase_ = {};
}

Seconds SampleSession::allowance(const ParallelGain& gain) const {
    if (round_ > 0) return gain.saved * request_.share_of_saving;
    // Where little is saved the run is to be known all the same: its time, its memory.
    const Seconds run = mean_alone() * static_cast<double>(request_.items) / gain.speedup;
    return std::max(std::max(gain.saved, run) * request_.share_of_saving, kUnnoticed);
}

Seconds SampleSession::spared(Seconds work, double speedup) const {
    return request_.manifest.sample.reuse ? work / speedup : Seconds{};
}

bool SampleSession::worth(Seconds cost, Seconds work) {
    if (result_.items.empty()) return true;
    const Seconds after = elapsed() + cost;
    const ParallelGain gain = this->gain();
    const Seconds net = after - phase_begin_ - spared(kept_in_phase_ + work, gain.speedup);
    if (after > request_.manifest.sample.budget) {
        result_.ended_by = SampleEnd::budget;
    } else if (net > allowance(gain)) {
        result_.ended_by = SampleEnd::saving;
    } else if (request_.answer_can_change && !request_.answer_can_change(samples())) {
        result_.ended_by = SampleEnd::answer_settled;
    } else {
        return true;
    }
    return false;
}

Sample SampleSession::sample_of(std::int64_t index, const ItemRun& run) const {
    Sample sample;
    sample.seconds = run.seconds;
    if (run.peak_memory.value > 0) sample.peak_rss = run.peak_memory;
    sample.user = run.user;
    sample.system = run.system;
    sample.queued = run.queued;
    sample.item = item_text(index);
    // A named file's size is known of items not run too; what was read is the next best.
    std::error_code error;
    const auto size =
        std::filesystem::file_size(std::filesystem::path(directory_) / *sample.item, error);
    if (!error) {
        sample.input = Bytes{static_cast<std::int64_t>(size)};
    } else if (run.io) {
        sample.input = run.io->read;
    }
    sample.output = run.io ? std::max(run.io->written, run.out_bytes) : run.out_bytes;
    // Company for a part of its time is company; a hundredth of it is the start of its neighbour.
    sample.concurrency = std::max(1, static_cast<int>(std::ceil(run.running_beside - 0.05)));
    sample.exit_code = run.exit_code;
    sample.round = round_;
    return sample;
}

void SampleSession::fail(std::int64_t index, const ItemRun& run,
                         const std::string& circumstance) const {
    throw failure(name_of(index, item_text(index)) + circumstance, command({index}, 0), run,
                  request_.manifest.sample.timeout.value_or(request_.manifest.sample.budget));
}

bool SampleSession::out_of_budget(const ItemRun& run) const {
    const auto& timeout = request_.manifest.sample.timeout;
    return run.ended == Ended::at_time_limit && (!timeout || run.seconds < *timeout);
}

bool SampleSession::accept(std::int64_t index, ItemRun run) {
    if (out_of_budget(run) && !result_.items.empty()) {
        taken_.insert(index);
        result_.ended_by = SampleEnd::budget;
        result_.unfinished.push_back({index, run.seconds});
        note(fmt::format("{} was ended after {:.3g} s, when the sample's budget ran out",
                         name_of(index, item_text(index)), run.seconds.value));
        return false;
    }
    if (!run.succeeded()) fail(index, run);
    const Sample sample = sample_of(index, run);
    accept(index, std::move(run), sample);
    return true;
}

void SampleSession::accept(std::int64_t index, ItemRun run, const Sample& sample) {
    taken_.insert(index);
    keep(index, run);
    run.out.clear();
    run.err.clear();
    result_.items.push_back({index, item_text(index), std::move(run), sample});
}

void SampleSession::do_not_keep(std::int64_t index) {
    std::erase_if(result_.kept, [index](const KeptItem& item) { return item.index == index; });
}

bool SampleSession::accept_again(std::int64_t index, const ItemRun& run, int threads) {
    if (!run.succeeded()) {
        note(fmt::format("{} threads were not tried to the end: {} {}", threads,
                         name_of(index, item_text(index)),
                         run.ended == Ended::at_time_limit
                             ? fmt::format("was ended after {:.3g} s", run.seconds.value)
                             : "failed with them"));
        return false;
    }
    Sample sample = sample_of(index, run);
    sample.threads = threads;
    result_.profile.more_threads.push_back(std::move(sample));
    return true;
}

void SampleSession::set_aside(std::int64_t index, const ItemRun& run) {
    taken_.insert(index);
    if (run.succeeded()) keep(index, run);
}

void SampleSession::keep(std::int64_t index, const ItemRun& run) {
    if (!request_.manifest.sample.reuse || !run.output_complete) return;
    kept_in_phase_ += run.seconds;
    result_.kept.push_back({index, item_text(index), run.seconds, run.exit_code, run.out, run.err});
}

void SampleSession::set_warm_up_apart() {
    if (result_.items.empty()) return;
    std::vector<ItemRun> others;
    for (std::size_t k = 1; k < result_.items.size(); ++k) {
        if (alone(result_.items[k])) others.push_back(result_.items[k].run);
    }
    const SampledItem& first = result_.items.front();
    if (alone(first) && slowed_as_first(first.run, others)) result_.warm_up = first;
}

void SampleSession::note_busy_node() {
    Seconds queued;
    Seconds wall;
    for (const SampledItem& item : result_.items) {
        if (!alone(item)) continue;
        queued += item.run.queued;
        wall += item.run.seconds;
    }
    if (wall.value <= 0 || queued / wall < kBusyNode) return;
    note(
        fmt::format("this machine was busy: items that ran alone still queued for a core for "
                    "{:.0f} % of their time, "
                    "so they will be faster on nodes of their own",
                    100 * queued / wall));
}

void SampleSession::take_off_start() {
    if (start_within_samples_.value <= 0) return;
    result_.profile.worker_start = start_within_samples_;
    for (SampledItem& item : result_.items) {
        const Seconds whole = item.sample.seconds;
        item.sample.seconds = std::max(whole - start_within_samples_, whole * kSmallestShare);
        const double share = item.sample.seconds / whole;
        for (auto* part : {&item.sample.user, &item.sample.system, &item.sample.queued}) {
            if (*part) *part = **part * share;
        }
    }
}

SampleResult SampleSession::finish() {
    take_off_start();
    if (!result_.warm_up) set_warm_up_apart();
    std::vector<const SampledItem*> ordered;
    for (const SampledItem& item : result_.items) {
        if (!result_.warm_up || item.index != result_.warm_up->index) ordered.push_back(&item);
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto* a, const auto* b) { return a->index < b->index; });

    note_busy_node();
    JobProfile& profile = result_.profile;
    profile.items = request_.items;
    for (const SampledItem* item : ordered) profile.samples.push_back(item->sample);
    profile.source = Source::sampled;
    profile.origin = origin(result_.items, request_.manifest.sample.choose);
    profile.cost = elapsed();
    profile.common = common();
    return std::move(result_);
}

}  // namespace amorsize::measure
