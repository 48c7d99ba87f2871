#include "advisor/core/thread_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisor/core/advise.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/strategy.hpp"
#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

/// A count of threads and what the job comes to with it.
struct Tried {
    ThreadScaling scaling;
    Manifest manifest;
    JobProfile profile;
    Plan plan;
};

bool alone(const Sample& sample) {
    return sample.concurrency <= 1;
}

/// The factors on time and memory of the items that ran with so many threads too.
struct Factors {
    std::vector<double> seconds;
    double memory = 1;
};

/// The CPU time of a worker whose threads are all busy for as long as these were for one.
void scale_cpu(Sample& sample, const ThreadScaling& scaling) {
    const double factor = scaling.seconds * scaling.threads;
    for (auto* part : {&sample.user, &sample.system}) {
        if (*part) *part = **part * factor;
    }
}

Sample with_threads(Sample sample, const ThreadScaling& scaling) {
    sample.seconds = sample.seconds * scaling.seconds;
    if (sample.queued) sample.queued = *sample.queued * scaling.seconds;
    if (sample.peak_rss) sample.peak_rss = *sample.peak_rss * scaling.memory;
    scale_cpu(sample, scaling);
    sample.concurrency = std::max(1, sample.concurrency / scaling.threads);
    return sample;
}

/// Every count that something fits with, one thread first.
std::vector<Tried> try_all(const Manifest& manifest, const Cluster& cluster,
                           const JobProfile& profile, std::vector<ThreadScaling> scalings,
                           std::uint64_t seed) {
    scalings.insert(scalings.begin(), ThreadScaling{});
    std::vector<Tried> tried;
    for (const ThreadScaling& scaling : scalings) {
        Manifest settled = manifest;
        settled.resources.threads = scaling.threads;
        settled.resources.try_threads = false;
        JobProfile scaled = with_threads(profile, scaling);
        Advice advice = advise(settled, cluster, scaled, seed);
        if (!advice.plan) continue;
        tried.push_back({scaling, std::move(settled), std::move(scaled), std::move(*advice.plan)});
    }
    return tried;
}

const Tried& best_of(const std::vector<Tried>& tried, Goal goal) {
    const Tried* best = &tried.front();
    for (const Tried& one : tried) {
        if (clearly_better(one.plan, best->plan, goal)) best = &one;
    }
    return *best;
}

Fact fact_of(const JobProfile& profile, const std::vector<ThreadScaling>& tried) {
    if (tried.empty()) return {"threads of a worker", "1", Source::assumed, "none were tried"};
    std::string words;
    for (const ThreadScaling& one : tried) {
        words += fmt::format("{}{} threads {} x as fast as one", words.empty() ? "" : ", ",
                             one.threads, to_text(1 / one.seconds));
    }
    return {"threads of a worker", words, profile.source, profile.origin};
}

}  // namespace

std::vector<ThreadScaling> threads_tried(const JobProfile& profile) {
    std::map<std::string, const Sample*> with_one;
    for (const Sample& sample : profile.samples) {
        if (alone(sample) && sample.item) with_one.emplace(*sample.item, &sample);
    }
    std::map<int, Factors> factors;
    for (const Sample& more : profile.more_threads) {
        const auto found = with_one.find(more.item.value_or(""));
        if (more.threads < 2 || !more.item || found == with_one.end()) continue;
        const Sample& one = *found->second;
        if (one.seconds <= Seconds{0} || more.seconds <= Seconds{0}) continue;
        Factors& of_count = factors[more.threads];
        of_count.seconds.push_back(more.seconds / one.seconds);
        if (one.peak_rss && more.peak_rss && one.peak_rss->value > 0)
            of_count.memory = std::max(of_count.memory, *more.peak_rss / *one.peak_rss);
    }
    std::vector<ThreadScaling> tried;
    tried.reserve(factors.size());
    for (auto& [threads, found] : factors) {
        std::sort(found.seconds.begin(), found.seconds.end());
        tried.push_back({threads, quantile(found.seconds, 0.5), found.memory});
    }
    return tried;
}

JobProfile with_threads(const JobProfile& profile, const ThreadScaling& scaling) {
    JobProfile scaled = profile;
    scaled.more_threads.clear();
    if (scaling.threads == 1) return scaled;
    std::erase_if(scaled.samples, [&](const Sample& sample) {
        return !alone(sample) && sample.concurrency < 2 * scaling.threads;
    });
    for (Sample& sample : scaled.samples) sample = with_threads(sample, scaling);
    if (scaled.warm_up) scaled.warm_up = with_threads(*scaled.warm_up, scaling);
    scaled.origin += fmt::format(", scaled to {} threads", scaling.threads);
    for (Seconds& at_least : scaled.unfinished) at_least = at_least * scaling.seconds;
    return scaled;
}

ThreadChoice settle_threads(const Manifest& manifest, const Cluster& cluster,
                            const JobProfile& profile, std::uint64_t seed) {
    ThreadChoice choice{manifest, profile, {}, {}, {}, {}};
    choice.manifest.resources.try_threads = false;
    choice.profile.more_threads.clear();
    if (!manifest.resources.try_threads) return choice;
    const std::vector<ThreadScaling> scalings = threads_tried(profile);
    choice.basis.push_back(fact_of(profile, scalings));
    const std::vector<Tried> tried = try_all(manifest, cluster, profile, scalings, seed);
    if (tried.empty()) return choice;

    const Tried& best = best_of(tried, manifest.goal);
    choice.manifest = best.manifest;
    choice.profile = best.profile;
    choice.serial = tried.front().plan.predicted.serial / tried.front().scaling.seconds;
    if (best.scaling.threads > 1) {
        choice.reasons.push_back(
            reason::ThreadsTaken{best.scaling.threads, 1 / best.scaling.seconds});
    } else if (tried.size() > 1) {
        const ThreadScaling& most = tried.back().scaling;
        choice.reasons.push_back(
            reason::ThreadsNotTaken{most.threads, 1 / most.seconds, manifest.goal == Goal::cost});
    }
    for (const Tried& other : tried) {
        if (&other == &best) continue;
        choice.alternatives.push_back({other.plan, against(other.plan, best.plan, manifest.goal)});
    }
    return choice;
}

Advice beside_other_threads(Advice advice, const ThreadChoice& choice) {
    advice.basis.insert(advice.basis.end(), choice.basis.begin(), choice.basis.end());
    if (!advice.plan) return advice;
    // Beside what is said of the layout, which comes first.
    const auto second = std::min<std::ptrdiff_t>(1, std::ssize(advice.reasons));
    advice.reasons.insert(advice.reasons.begin() + second, choice.reasons.begin(),
                          choice.reasons.end());
    advice.alternatives.insert(advice.alternatives.end(), choice.alternatives.begin(),
                               choice.alternatives.end());
    Prediction& predicted = advice.plan->predicted;
    if (choice.serial > Seconds{0} && predicted.speedup) {
        predicted.serial = choice.serial;
        predicted.speedup = predicted.serial / predicted.wall.p50;
    }
    return advice;
}

}  // namespace amorsize
