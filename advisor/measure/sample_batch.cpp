#include <fmt/format.h>

#include <algorithm>

#include "advisor/measure/sample_failure.hpp"
#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

namespace {

constexpr int kSmallestChunk = 2;

Seconds median(const std::vector<SampledItem>& items) {
    std::vector<Seconds> times;
    times.reserve(items.size());
    for (const SampledItem& item : items) times.push_back(item.run.seconds);
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

Seconds shortest(const std::vector<SampledItem>& items) {
    Seconds least = items.front().run.seconds;
    for (const SampledItem& item : items) least = std::min(least, item.run.seconds);
    return least;
}

}  // namespace

void sample_batch(SampleSession& session) {
    const int size = session.request().manifest.sample.size;
    const int chunk = std::max(kSmallestChunk, size / 2);
    sample_one_by_one(session, std::max(1, size - chunk), 0);
    const std::vector<SampledItem>& singles = session.result().items;
    const std::vector<std::int64_t> chosen = session.choose(chunk, 1);
    if (static_cast<int>(chosen.size()) < kSmallestChunk) return;
    // The outputs of a chunk cannot be told apart, so that none is kept.
    if (!session.worth(session.mean_alone() * chunk, Seconds{})) {
        session.note(
            "the start-up of a worker was not told from its items: that takes a larger sample");
        return;
    }

    session.report(fmt::format("{} in one process", chunk), 0, 1);
    const ItemCommand command = session.command(chosen, 0);
    ItemLimits limits = session.limits();
    limits.time = seconds_between(Clock::now(), session.budget_ends());
    const auto& timeout = session.request().manifest.sample.timeout;
    if (timeout) limits.time = std::min(limits.time, *timeout * chunk);
    ItemRun run = run_item(session.scope(), command, limits);
    for (const std::int64_t index : chosen) session.mark_taken(index);
    if (run.ended == Ended::at_time_limit && Clock::now() >= session.budget_ends()) {
        session.result().ended_by = SampleEnd::budget;
        session.note(
            "the budget ended a chunk of items, so a worker's start-up was not told from its "
            "items");
        return;
    }
    if (!run.succeeded()) {
        throw failure(fmt::format("a chunk of {} items from item {} on", chunk, chosen.front()),
                      command, run, limits.time);
    }
    // One item: start + t. k items: start + k t.
    const Seconds start = std::clamp((median(singles) * chunk - run.seconds) / (chunk - 1),
                                     Seconds{}, shortest(singles));
    session.set_start_within_samples(start);

    // The chunk speaks for its memory and for the mean of its items.
    Sample sample = session.sample_of(chosen.front(), run);
    sample.seconds = start + (run.seconds - start) / chunk;
    sample.user = run.user / chunk;
    sample.system = run.system / chunk;
    run.output_complete = false;  // no telling whose output is whose
    session.accept(chosen.front(), std::move(run), sample);
}

}  // namespace amorsize::measure
