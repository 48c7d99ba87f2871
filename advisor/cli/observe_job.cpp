#include "advisor/cli/observe_job.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "advisor/core/advise.hpp"
#include "advisor/core/text.hpp"
#include "advisor/measure/sampler.hpp"

namespace amorsize::cli {

namespace {

constexpr const char* kEraseLine = "\r\033[K";

void show(const measure::SampleProgress& progress) {
    fmt::print(stderr, "{}sampling, {}: {} of {}, {}", kEraseLine, progress.phase, progress.done,
               progress.planned, to_text(progress.elapsed));
    std::fflush(stderr);
}

/// Later items would have to take this many times as long as the first ones to change a "serial".
constexpr double kSlower = 4;

bool serial_even_if_slower(const Manifest& manifest, const Cluster& cluster, std::vector<Sample> samples,
                           std::int64_t items) {
    JobProfile profile;
    profile.items = items;
    for (Sample& sample : samples) sample.seconds = sample.seconds * kSlower;
    profile.samples = std::move(samples);
    return !profile.samples.empty() && advise(manifest, cluster, profile).verdict == Verdict::serial;
}

std::string origin_of(const Manifest& manifest, const measure::SampleResult& result) {
    if (result.items.empty()) return "nothing was run";
    const char* choice = manifest.sample.choose == SampleChoice::first    ? "from the start of the list"
                         : manifest.sample.choose == SampleChoice::random ? "at random"
                                                                          : "spread over the list";
    return fmt::format("{} {}, {}", counted(static_cast<std::int64_t>(result.items.size()), "item"), choice,
                       to_text(result.profile.cost));
}

}  // namespace

Observation observe_job(const Manifest& manifest, const Cluster& cluster, const ItemList& items,
                        const NodeClass& here, std::uint64_t seed, const Surroundings& surroundings) {
    measure::SampleRequest request;
    request.manifest = manifest;
    request.items = items.size();
    request.item = [&](std::int64_t index) { return items[index]; };
    request.environment = surroundings.environment_list();
    request.seed = seed;
    for (const Core& core : here.topology.cores) request.cores.push_back(core.pus);
    request.memory = here.memory;
    request.answer_can_change = [&](const std::vector<Sample>& samples) {
        return !serial_even_if_slower(manifest, cluster, samples, items.size());
    };
    if (surroundings.progress_to_terminal) request.progress = show;

    measure::SampleResult result = measure::run_sample(request);
    if (surroundings.progress_to_terminal) fmt::print(stderr, "{}", kEraseLine);
    Observation observed{std::move(result.profile), std::move(result.kept), std::move(result.notes)};
    observed.profile.origin = origin_of(manifest, result);
    if (!result.not_sampled.empty()) observed.notes.push_back("not sampled: " + result.not_sampled);
    return observed;
}

}  // namespace amorsize::cli
