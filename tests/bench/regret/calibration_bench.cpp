// Whether the risk that the advice prints is the risk that is run: how often simulated jobs exceed
// the memory and the time asked for, and what that costs beside two rules of thumb. See
// docs/model.md.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "advisor/core/advise.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/bench/regret/observe.hpp"
#include "tests/bench/regret/sweep.hpp"

using namespace amorsize;
using namespace amorsize::arena;

namespace {

constexpr int kFurtherItems = 50;  // whose peaks are held against the request

struct Kind {
    const char* name;
    Shape shape;
    double spread;
    double rise = 1;
};

constexpr Kind kKinds[] = {
    {"lognormal, cv 0.1", Shape::lognormal, 0.1}, {"lognormal, cv 0.3", Shape::lognormal, 0.3},
    {"lognormal, cv 0.6", Shape::lognormal, 0.6}, {"lognormal, cv 1", Shape::lognormal, 1},
    {"lognormal, cv 2", Shape::lognormal, 2},     {"Pareto, tail 2.5", Shape::pareto, 2.5},
    {"Pareto, tail 1.5", Shape::pareto, 1.5},     {"1 in 10 is 5 times", Shape::bimodal, 5},
    {"1 in 10 is 20 times", Shape::bimodal, 20},  {"rising 10 times", Shape::lognormal, 0.1, 10}};

/// How often the truth exceeds a rule's figure, and the median of the figure over what was needed.
class Rule {
public:
    void add(double share_exceeded, double figure) {
        exceeded_ += share_exceeded;
        sizes_.push_back(figure);
    }
    std::string shown() const {
        if (sizes_.empty()) return fmt::format("{:>14}", "-");
        std::vector<double> sorted = sizes_;
        std::sort(sorted.begin(), sorted.end());
        return fmt::format("{:>5.1f} % {:>5.2f}x", 100 * exceeded_ / double(sorted.size()),
                           quantile(sorted, 0.5));
    }

private:
    double exceeded_ = 0;
    std::vector<double> sizes_;
};

struct Tally {
    Rule memory, memory_largest, memory_two_deviations, node;
    Rule time, time_largest, time_two_deviations, p50, p95;
    double memory_risk = 0;  // printed
    double time_risk = 0;
    int jobs = 0;
};

struct Experiment {
    Kind kind;
    int samples;
    std::int64_t items;
};

Machine quiet_node() {
    Machine machine;
    machine.domains = 2;
    machine.cores = 8;
    machine.memory = kGiB * 64.0;
    return machine;
}

/// Peaks follow the same law as the times, but are independent of them.
void draw_peaks(const Job& job, Realisation& truth, Random& random) {
    Machine none;
    none.nodes = 0;
    const Realisation other = realise(none, job, random);
    truth.peaks.clear();
    for (const double value : other.seconds) {
        truth.peaks.push_back(job.peak * (value / job.mean_seconds));
    }
}

struct Printed {
    double memory_risk = 0.05;
    double time_risk = 0.05;
    double time_at_risk = 0;  // seconds, before rounding up to minutes
};

Printed printed(const Advice& advice, const Manifest& manifest) {
    Printed figures;
    figures.memory_risk = manifest.risk.value;
    figures.time_at_risk = advice.plan->request.time_limit.value;
    for (const Reason& warning : advice.warnings) {
        if (const auto* risk = std::get_if<reason::MemoryRisk>(&warning)) {
            figures.memory_risk = risk->risk.value;
        }
    }
    for (const Reason& one : advice.reasons) {
        if (const auto* limit = std::get_if<reason::TimeLimitFromPrediction>(&one)) {
            figures.time_at_risk = limit->predicted.value;
            figures.time_risk = limit->risk.value;
        }
    }
    return figures;
}

double memory_per_worker(const Advice& advice) {
    for (const Reason& one : advice.reasons) {
        if (const auto* memory = std::get_if<reason::MemoryFromSamples>(&one)) {
            return static_cast<double>(memory->per_worker.value);
        }
    }
    return 0;
}

struct Observed {
    double largest = 0;
    double mean = 0;
    double deviation = 0;
};

template <class Figure>
Observed observed(const JobProfile& profile, Figure figure) {
    std::vector<double> values;
    for (const Sample& sample : profile.samples) values.push_back(figure(sample));
    return {*std::max_element(values.begin(), values.end()), mean(values),
            standard_deviation(values)};
}

void judge_memory(Tally& tally, const Advice& advice, const JobProfile& profile, const Job& job,
                  const Outcome& outcome, Random& random) {
    Job further = job;
    further.items = kFurtherItems;
    Realisation unseen;
    draw_peaks(further, unseen, random);
    const Observed seen = observed(
        profile, [](const Sample& sample) { return static_cast<double>(sample.peak_rss->value); });
    const auto mean_peak = static_cast<double>(job.peak.value);
    const auto add = [&](Rule& rule, double request) {
        const auto above = std::count_if(unseen.peaks.begin(), unseen.peaks.end(), [&](Bytes peak) {
            return static_cast<double>(peak.value) > request;
        });
        rule.add(static_cast<double>(above) / kFurtherItems, request / mean_peak);
    };
    add(tally.memory, memory_per_worker(advice));
    add(tally.memory_largest, seen.largest * 1.2);
    add(tally.memory_two_deviations, seen.mean + 2 * seen.deviation);
    const Bytes asked = kMiB * static_cast<double>(advice.plan->request.mem_mib_per_node);
    tally.node.add(outcome.peak_memory > asked ? 1 : 0,
                   asked / (job.peak * advice.plan->layout.workers));
}

void judge_time(Tally& tally, const Advice& advice, const JobProfile& profile, const Job& job,
                const Outcome& outcome, double at_risk) {
    const Observed seen =
        observed(profile, [](const Sample& sample) { return sample.seconds.value; });
    const double rounds = std::ceil(static_cast<double>(job.items) / advice.plan->layout.workers);
    const auto add = [&](Rule& rule, double limit) {
        rule.add(outcome.wall > limit ? 1 : 0, limit / outcome.wall);
    };
    add(tally.time, at_risk);
    add(tally.p50, advice.plan->predicted.wall.p50.value);
    add(tally.p95, advice.plan->predicted.wall.p95.value);
    add(tally.time_largest, seen.largest * 1.2 * rounds);
    add(tally.time_two_deviations, (seen.mean + 2 * seen.deviation) * rounds);
}

Tally run_jobs(const Experiment& experiment, int jobs, std::uint64_t seed) {
    Random random(seed);
    const Machine machine = quiet_node();
    Job job;
    job.items = experiment.items;
    job.mean_seconds = 10;
    job.shape = experiment.kind.shape;
    job.spread = experiment.kind.spread;
    job.rise = experiment.kind.rise;
    job.peak = kMiB * 500.0;
    const Manifest manifest = manifest_of(job);
    const Cluster cluster = cluster_of(machine);
    Tally tally;
    for (int i = 0; i < jobs; ++i) {
        Realisation truth = realise(machine, job, random);
        draw_peaks(job, truth, random);
        const JobProfile profile =
            observe_alone(machine, job, truth, experiment.samples, random.next());
        const Advice advice = advise(manifest, cluster, profile, random.next());
        if (!advice.plan) continue;
        const Printed figures = printed(advice, manifest);
        const Outcome outcome = run(machine, job, truth, choice_of(advice));
        judge_memory(tally, advice, profile, job, outcome, random);
        judge_time(tally, advice, profile, job, outcome, figures.time_at_risk);
        tally.memory_risk += figures.memory_risk;
        tally.time_risk += figures.time_risk;
        ++tally.jobs;
    }
    return tally;
}

void print_row(const Experiment& experiment, const Tally& tally) {
    const double jobs = std::max(1, tally.jobs);
    fmt::print("{:<20} {:>2} {:>4} | {:>4.1f} % {} {} {} {} | {:>4.1f} % {} {} {} {} {}\n",
               experiment.kind.name, experiment.samples, experiment.items,
               100 * tally.memory_risk / jobs, tally.memory.shown(), tally.memory_largest.shown(),
               tally.memory_two_deviations.shown(), tally.node.shown(),
               100 * tally.time_risk / jobs, tally.time.shown(), tally.p50.shown(),
               tally.p95.shown(), tally.time_largest.shown(), tally.time_two_deviations.shown());
}

}  // namespace

int main(int argc, char** argv) {
    int jobs = 2000;
    std::uint64_t seed = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--jobs") == 0) jobs = std::atoi(argv[i + 1]);
        if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 10);
    }
    std::vector<Experiment> experiments;
    for (const Kind& kind : kKinds) {
        for (const int samples : {5, 10, 30}) {
            experiments.push_back({kind, samples, 320});
            if (samples < 30) experiments.push_back({kind, samples, 16});
        }
    }
    std::vector<Tally> tallies(experiments.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
        threads.emplace_back([&] {
            for (std::size_t k = next++; k < experiments.size(); k = next++) {
                tallies[k] = run_jobs(experiments[k], jobs, seed + k);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();

    fmt::print(
        "{} jobs a line on 16 cores, seed {}; exceeded, and size over the mean item (memory) "
        "or the wall time it took (time)\n",
        jobs, seed);
    fmt::print(
        "{:<20} {:>2} {:>4} | {:>6} {:>14} {:>14} {:>14} {:>14} | {:>6} {:>14} {:>14} {:>14} "
        "{:>14}\n",
        "", "n", "N", "risk", "item's memory", "max x 1.2", "mean + 2 sd", "node's memory", "risk",
        "time limit", "p50", "p95", "max x 1.2", "mean + 2 sd");
    for (std::size_t k = 0; k < experiments.size(); ++k) print_row(experiments[k], tallies[k]);
}
