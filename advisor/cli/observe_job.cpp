#include "advisor/cli/observe_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "advisor/cli/program.hpp"
#include "advisor/core/advise.hpp"
#include "advisor/core/node_layout.hpp"
#include "advisor/core/text.hpp"
#include "advisor/core/workload.hpp"
#include "advisor/measure/sampler.hpp"

namespace amorsize::cli {

namespace {

constexpr const char* kEraseLine = "\r\033[K";

void show(const measure::SampleProgress& progress) {
    tell(fmt::format("{}sampling, {}: {} of {}, {}", kEraseLine, progress.phase, progress.done,
                     progress.planned, to_text(progress.elapsed)));
}

/// After one sample the items to come may well take this many times as long; each further sample
/// tells more.
constexpr double kSlower = 4;

/// What the plan gains over running serially if all items are like these, taking `slower` times as
/// long.
measure::ParallelGain predicted_gain(const Manifest& manifest, const Cluster& cluster,
                                     std::vector<Sample> samples, std::int64_t items,
                                     double slower) {
    JobProfile profile;
    profile.items = items;
    Seconds seconds;
    for (Sample& sample : samples) {
        sample.seconds = sample.seconds * slower;
        seconds += sample.seconds;
    }
    const double count = static_cast<double>(std::max<std::size_t>(samples.size(), 1));
    profile.samples = std::move(samples);
    const Advice advice = advise(manifest, cluster, profile);
    // Too large so far: more samples tell the memory better, and then all may be saved.
    if (!advice.plan) {
        return {seconds * (static_cast<double>(items) / count),
                std::numeric_limits<double>::infinity()};
    }
    if (advice.verdict == Verdict::serial) return {};
    const Prediction& predicted = advice.plan->predicted;
    return {predicted.serial - predicted.wall.p50, predicted.serial / predicted.wall.p50};
}

/// The same, as far as few samples can tell: nothing only if items that take much longer are not to
/// change a "serial".
measure::ParallelGain most_gained(const Manifest& manifest, const Cluster& cluster,
                                  const std::vector<Sample>& samples, std::int64_t items) {
    const double slower =
        1 + (kSlower - 1) / static_cast<double>(std::max<std::size_t>(samples.size(), 1));
    measure::ParallelGain gain = predicted_gain(manifest, cluster, samples, items, slower);
    gain.saved = gain.saved / slower;
    return gain;
}

/// What depends on the sample, if all items are like these.
SampleStake stake_of(const Manifest& manifest, const Cluster& cluster,
                     const std::vector<Sample>& samples, std::int64_t items) {
    JobProfile profile;
    profile.items = items;
    profile.samples = samples;
    const Workload work = summarize(manifest, profile, std::nullopt, Seconds{0});
    const Advice advice = advise(manifest, cluster, profile);
    const Seconds run = advice.plan ? advice.plan->predicted.wall.p50 : Seconds{0};
    return {run, items, work.cv, manifest.risk};
}

std::string origin_of(const Manifest& manifest, const measure::SampleResult& result) {
    if (result.items.empty()) return "nothing was run";
    const char* choice = manifest.sample.choose == SampleChoice::first
                             ? "from the start of the list"
                         : manifest.sample.choose == SampleChoice::random ? "at random"
                                                                          : "spread over the list";
    return fmt::format("{} {}, {}", counted(static_cast<std::int64_t>(result.items.size()), "item"),
                       choice, to_text(result.profile.cost));
}

}  // namespace

Observation observe_job(const Manifest& manifest, const Cluster& cluster, const ItemList& items,
                        const NodeClass& here, std::uint64_t seed,
                        const std::optional<Expectation>& expected,
                        const Surroundings& surroundings) {
    measure::SampleRequest request;
    request.manifest = manifest;
    request.items = items.size();
    request.item = [&](std::int64_t index) { return items[index]; };
    request.environment = surroundings.environment_list();
    request.seed = seed;
    for (const Core& core : here.topology.cores) request.cores.push_back(core.pus);
    request.try_second_threads = here.measured.smt_yield.value_or(0) >= kWorthwhileSmtYield;
    request.memory = here.memory;
    request.gain = [&](const std::vector<Sample>& samples) {
        return most_gained(manifest, cluster, samples, items.size());
    };
    request.stake = [&](const std::vector<Sample>& samples) {
        return stake_of(manifest, cluster, samples, items.size());
    };
    if (expected) {
        request.answer_can_change = [&](const std::vector<Sample>& samples) {
            return !confirms(*expected, samples);
        };
    }
    if (surroundings.progress_to_terminal) request.progress = show;
    request.interrupted = [&] {
        tell(
            fmt::format("{}amorsize-advise: interrupted while items ran: they are ended, and "
                        "nothing is written\n",
                        surroundings.progress_to_terminal ? kEraseLine : ""));
    };

    measure::SampleResult result = measure::run_sample(request);
    if (surroundings.progress_to_terminal) tell(kEraseLine);
    Observation observed{std::move(result.profile), std::move(result.kept),
                         std::move(result.notes)};
    observed.profile.origin = origin_of(manifest, result);
    observed.profile.sampled_cores = static_cast<int>(here.topology.cores.size());
    if (result.warm_up) observed.profile.warm_up = result.warm_up->sample;
    for (const measure::UnfinishedItem& item : result.unfinished) {
        observed.profile.unfinished.push_back(item.at_least);
    }
    if (result.ended_by == measure::SampleEnd::saving) {
        observed.profile.too_little_to_save =
            predicted_gain(manifest, cluster, observed.profile.samples, items.size(), 1).saved;
    }
    if (!result.not_sampled.empty()) observed.notes.push_back("not sampled: " + result.not_sampled);
    return observed;
}

}  // namespace amorsize::cli
