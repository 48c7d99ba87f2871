#include "tests/bench/regret/observe.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "advisor/core/advise.hpp"
#include "advisor/core/node_layout.hpp"
#include "advisor/core/sample_choice.hpp"
#include "advisor/core/sample_widths.hpp"
#include "advisor/core/sample_worth.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/support/synthetic.hpp"

namespace amorsize::arena {

namespace {

// The sampler's rules (advisor/measure/sample_width.cpp).
constexpr double kWorthwhileRound = 0.1;
constexpr double kShareOfSaving = 0.05;
constexpr int kMostTurns = 10;
constexpr int kWidestPerCore = 64;
constexpr int kFewestForSpread = 8;  // nodes, as mpi/probe/findings.cpp
constexpr double kOneStream = 10e9;  // bytes per second; only the ratio to the saturated matters

class Sampler {
public:
    Sampler(const Machine& machine, const Job& job, const Realisation& truth, std::uint64_t seed)
        : all_nodes_(machine), machine_(machine), job_(job), truth_(truth), seed_(seed) {
        machine_.nodes = 1;
        as_told_ = machine_;
        as_told_.cores *= as_told_.threads;
        as_told_.threads = 1;
        as_told_.all_core_speed = 1;
    }

    JobProfile take(int size, bool rounds) {
        sample_alone(size);
        if (rounds) {
            while (const int more = worth_adding()) sample_alone(more);
            widen();
        }
        for (const auto& [item, sample] : taken_in_) profile_.samples.push_back(sample);
        profile_.items = job_.items;
        profile_.sampled_cores = machine_.cores_of_node();
        profile_.origin = "simulated";
        if (job_.worker_start.value > 0) profile_.worker_start = job_.worker_start;
        return profile_;
    }

private:
    std::vector<std::int64_t> choose(std::int64_t count) {
        auto chosen =
            choose_samples(job_.items, count, SampleChoice::spread, seed_ + round_++, taken_);
        taken_.insert(chosen.begin(), chosen.end());
        return chosen;
    }

    Bytes peak_of(std::int64_t item) const {
        return truth_.peaks.empty() ? job_.peak : truth_.peaks[static_cast<std::size_t>(item)];
    }

    void add(std::int64_t item, double seconds, double company, int round = 0) {
        Sample sample;
        sample.round = round;
        sample.seconds = {seconds};
        if (job_.peak.value > 0) sample.peak_rss = peak_of(item);
        const int active = std::max(1, static_cast<int>(std::lround(company)));
        const int of_domain = (active + machine_.domains - 1) / machine_.domains;
        const double served = memory_pace(machine_, job_, of_domain);
        const double queued = seconds * (1 - core_pace(as_told_, job_, active, served));
        sample.queued = Seconds{queued};
        sample.user = Seconds{(seconds - queued) * job_.cpu_share};
        sample.system = Seconds{0};
        sample.concurrency = std::max(1, static_cast<int>(std::ceil(company - 0.05)));
        taken_in_[item] = sample;
        largest_ = std::max(largest_, peak_of(item));
    }

    void sample_alone(int size) {
        const auto chosen = choose(size);
        for (const std::int64_t item : chosen) {
            const double seconds = truth_.seconds[static_cast<std::size_t>(item)] /
                                   truth_.speeds.front() / core_pace(machine_, job_, 1, 1);
            add(item, seconds, 1);
            alone_.push_back(seconds);
            alone_cost_ += seconds;
        }
        mean_ = mean(alone_);
        profile_.cost = {alone_cost_};
    }

    /// As SampleSession::worth_adding.
    int worth_adding() const {
        JobProfile so_far = profile_;
        for (const auto& [item, sample] : taken_in_) so_far.samples.push_back(sample);
        so_far.items = job_.items;
        const Advice advice = advise(manifest_of(job_), cluster_of(all_nodes_), so_far);
        if (!advice.plan) return 0;
        const double cv = mean_ > 0 ? standard_deviation(alone_) / mean_ : 0;
        const SampleStake stake{advice.plan->predicted.wall.p50, job_.items, cv, {0.05}};
        const auto count = static_cast<int>(alone_.size());
        return further_samples(count, 2 * count, Seconds{mean_}, stake);
    }

    bool worth(double cost) const {
        const double workers = std::max(2.0, machine_.cores_of_node() / job_.cpu_share);
        const auto items = static_cast<double>(job_.items);
        const double saving = mean_ * (items - std::max(items / workers, 1.0));
        return profile_.cost.value - alone_cost_ + cost <= saving * kShareOfSaving;
    }

    void widen() {
        WidthRange range;
        range.cores = machine_.cores_of_node();
        const bool second = machine_.threads > 1 && machine_.smt_yield >= kWorthwhileSmtYield;
        range.on_all_threads = second ? 2 * range.cores : 0;
        range.widest = range.cores * kWidestPerCore;
        if (largest_.value > 0) {
            range.widest =
                std::min(range.widest, static_cast<int>(machine_.memory * 0.8 / largest_));
        }
        range.busy = job_.cpu_share;
        range.alone = {mean_};
        const auto left = [&] { return job_.items - static_cast<std::int64_t>(taken_.size()); };
        try_widths(range, left, [&](int width) { return round(width); });
    }

    Accompanied round(int width) {
        const int turns = static_cast<int>(
            std::clamp(std::ceil(kWorthwhileRound / mean_), 1.0, double(kMostTurns)));
        if (!worth(mean_ * turns)) return {};
        const auto chosen = choose(std::int64_t{width} * turns);
        if (static_cast<int>(chosen.size()) < width) return {};
        const std::vector<Interval> ran = run_round(chosen, width);
        std::vector<Accompanied> beside;
        double last = 0;
        for (const Interval& one : ran) {
            double together = 0;
            for (const Interval& other : ran) {
                together +=
                    std::max(0.0, std::min(one.end, other.end) - std::max(one.begin, other.begin));
            }
            const double company = together / (one.end - one.begin);
            add(chosen[static_cast<std::size_t>(one.first_item)], one.end - one.begin, company,
                static_cast<int>(round_));
            last = std::max(last, one.end);
            beside.push_back({company, Seconds{one.end - one.begin}});
        }
        profile_.cost += Seconds{last};
        return fullest(beside);
    }

    std::vector<Interval> run_round(const std::vector<std::int64_t>& chosen, int width) const {
        Realisation few;
        few.speeds = {truth_.speeds.front()};
        few.before = {0};
        for (const std::int64_t item : chosen) {
            few.seconds.push_back(truth_.seconds[static_cast<std::size_t>(item)]);
            few.before.push_back(few.before.back() + few.seconds.back());
        }
        Job job = job_;
        job.items = static_cast<std::int64_t>(chosen.size());
        job.mode = Mode::exec;
        job.worker_start = {};
        job.peak = {};
        std::vector<Interval> intervals;
        run(machine_, job, few, {1, width, 1, Schedule::fixed, 1, 0},
            std::numeric_limits<double>::infinity(), &intervals);
        return intervals;
    }

    const Machine& all_nodes_;
    Machine machine_;  // one of them
    Machine as_told_;  // what queues for a processor tell: nobody waits for a slow clock or sibling
    const Job& job_;
    const Realisation& truth_;
    std::uint64_t seed_;
    std::uint64_t round_ = 0;
    std::set<std::int64_t> taken_;
    std::map<std::int64_t, Sample> taken_in_;
    JobProfile profile_;
    std::vector<double> alone_;  // seconds
    double mean_ = 0;
    double alone_cost_ = 0;
    Bytes largest_;
};

}  // namespace

Manifest manifest_of(const Job& job) {
    Manifest made = synthetic::job(job.items, Seconds{1});
    made.name = "arena";
    made.mode = job.mode;
    made.profile = {};
    return made;
}

Cluster cluster_of(const Machine& machine) {
    const synthetic::Shape shape{1, machine.domains, machine.cores, machine.threads};
    NodeClass node = synthetic::node_class("a", shape, machine.memory);
    node.measured.spawn = SpawnCost{machine.spawn, Seconds{0.005}, Seconds{20e-6}};
    node.measured.bandwidth_per_numa =
        DomainBandwidth{{kOneStream}, {kOneStream * machine.streams}};
    if (machine.threads > 1) node.measured.smt_yield = machine.smt_yield;
    node.measured.all_core_speed = machine.all_core_speed;
    if (machine.nodes >= kFewestForSpread)
        node.measured.node_spread = Fraction{machine.node_spread};
    Cluster made = synthetic::cluster(node, machine.nodes, machine.nodes > 1);
    made.launch = machine.launch;
    made.dispatch = machine.dispatch + machine.counter;
    return made;
}

JobProfile observe(const Machine& machine, const Job& job, const Realisation& truth, int alone,
                   std::uint64_t seed) {
    return Sampler(machine, job, truth, seed).take(alone, true);
}

JobProfile observe_alone(const Machine& machine, const Job& job, const Realisation& truth,
                         int alone, std::uint64_t seed) {
    return Sampler(machine, job, truth, seed).take(alone, false);
}

}  // namespace amorsize::arena
