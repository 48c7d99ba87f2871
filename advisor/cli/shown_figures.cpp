#include "advisor/cli/shown_figures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/text.hpp"

namespace amorsize::cli {

std::optional<ShownMemory> shown_memory(const Outlook& outlook, const Advice& advice,
                                        const Manifest& manifest) {
    if (outlook.nodes.empty() || !outlook.memory_per_worker) return std::nullopt;
    const char* one = manifest.kind == JobKind::mpi ? "rank" : "worker";
    const std::string each = to_text(*outlook.memory_per_worker);
    ShownMemory shown;
    shown.node = outlook.nodes.front().memory;
    shown.usable = shown.node * (1 - manifest.headroom.value);
    shown.taken = *outlook.memory_per_worker;
    shown.taken_words = fmt::format("one {} takes {}", one, each);
    if (advice.plan) {
        shown.taken = advice.plan->predicted.memory_per_node;
        shown.asked = kMiB * static_cast<double>(advice.plan->request.mem_mib_per_node);
        shown.taken_words = fmt::format("expected: {}, {} a {}", to_text(shown.taken), each, one);
        shown.asked_words = fmt::format("asked for: {}", to_text(*shown.asked));
    }
    shown.usable_words = fmt::format("{} of {}, {} kept free", to_text(shown.usable),
                                     to_text(shown.node), to_text(manifest.headroom));
    shown.room_words = outlook.bounds.by_memory == 0
                           ? std::string("none would fit")
                           : fmt::format("{} would fit", counted(outlook.bounds.by_memory, one));
    return shown;
}

double ShownSamples::position(double seconds) const {
    return (seconds - least) / std::max({most - least, most * 1e-3, 1e-9});
}

int ShownSamples::bin_of(const Sample& sample, int bins) const {
    return std::min(static_cast<int>(position(sample.seconds.value) * bins), bins - 1);
}

std::vector<SampleBin> ShownSamples::binned(int bins) const {
    std::vector<SampleBin> found(static_cast<std::size_t>(bins));
    for (const Sample* sample : samples) {
        SampleBin& bin = found[static_cast<std::size_t>(bin_of(*sample, bins))];
        ++(sample->concurrency <= 1 ? bin.alone : bin.beside);
    }
    return found;
}

std::optional<ShownSamples> shown_samples(const JobProfile& profile) {
    ShownSamples shown;
    for (const Sample& sample : profile.samples) {
        shown.samples.push_back(&sample);
        if (sample.concurrency <= 1) shown.alone.push_back(sample.seconds.value);
    }
    if (shown.alone.empty()) return std::nullopt;
    std::stable_partition(shown.samples.begin(), shown.samples.end(),
                          [](const Sample* sample) { return sample->concurrency <= 1; });
    std::sort(shown.alone.begin(), shown.alone.end());
    const auto [least, most] = std::minmax_element(
        shown.samples.begin(), shown.samples.end(),
        [](const Sample* a, const Sample* b) { return a->seconds < b->seconds; });
    shown.least = (*least)->seconds.value;
    shown.most = (*most)->seconds.value;
    const auto alone = static_cast<std::int64_t>(shown.alone.size());
    const auto beside = static_cast<std::int64_t>(shown.samples.size()) - alone;
    shown.counts_words =
        beside == 0 ? counted(alone, "item")
                    : fmt::format("{} alone, {} side by side", to_text(alone), to_text(beside));
    return shown;
}

std::string node_words(const Topology& topology, const std::optional<Occupation>& taken) {
    const auto cores = static_cast<std::int64_t>(topology.cores.size());
    const auto domains = static_cast<std::int64_t>(topology.domains.size());
    if (!taken)
        return fmt::format("{} in {}", counted(cores, "core"), counted(domains, "NUMA domain"));
    return fmt::format("{} on {}{} of {}", counted(taken->ranks, "rank"),
                       taken->placed ? "" : "any ", taken->cores, counted(cores, "core"));
}

}  // namespace amorsize::cli
