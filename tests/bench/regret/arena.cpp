#include "tests/bench/regret/arena.hpp"

#include <algorithm>
#include <cmath>
#include <queue>

#include "advisor/core/chunking.hpp"
#include "advisor/core/statistics.hpp"

namespace amorsize::arena {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kKneeSharpness = 8;  // real saturation is a bend, not a corner
constexpr double kJitter = 0.02;      // of an item's time from run to run
constexpr double kLongOfTen = 0.1;

double normal(Random& random) {
    return normal_quantile(random.uniform());
}

double lognormal(Random& random, double mean, double cv) {
    const double deviation = std::sqrt(std::log(1 + cv * cv));
    return mean * std::exp(deviation * normal(random) - deviation * deviation / 2);
}

double draw_seconds(const Job& job, Random& random) {
    switch (job.shape) {
        case Shape::lognormal:
            return lognormal(random, job.mean_seconds, job.spread);
        case Shape::pareto:
            return job.mean_seconds * (job.spread - 1) / job.spread *
                   std::pow(random.uniform(), -1 / job.spread);
        case Shape::bimodal: {
            const double usual = job.mean_seconds / (1 - kLongOfTen + kLongOfTen * job.spread);
            const bool is_long = random.uniform() < kLongOfTen;
            return lognormal(random, is_long ? usual * job.spread : usual, 0.1);
        }
        case Shape::trace:
            return job.trace[random.below(job.trace.size())];
    }
    return job.mean_seconds;
}

/// One worker's chunk in progress, by its domain's virtual clock.
struct Running {
    double finish;  // when the domain's clock shows this
    int worker;
    std::int64_t first_item;
    double begun;
    Bytes peak;
    friend bool operator>(const Running& a, const Running& b) { return a.finish > b.finish; }
};

/// A domain's clock runs at the pace of its items, so that what finishes next stays first whatever
/// the pace.
struct Domain {
    double clock = 0;
    double pace = 1;
    std::vector<Running> running;  // a heap, the next to finish first
};

struct Node {
    std::vector<Domain> domains;
    double speed = 1;
    double at = 0;  // real time of the clocks
    int active = 0;
    std::int64_t memory = 0;
    std::int64_t version = 0;
};

struct Event {
    double time;
    int node;
    int worker;            // -1: the node's next chunk is done, if `version` still holds
    std::int64_t version;  // worker >= 0: number of the chunk it begins, -1 to ask for one
    friend bool operator>(const Event& a, const Event& b) { return a.time > b.time; }
};

struct Worker {
    int node;
    int domain;
    bool started;
};

class Simulation {
public:
    Simulation(const Machine& machine, const Job& job, const Realisation& truth,
               const Choice& choice, std::vector<Interval>* intervals)
        : machine_(machine),
          job_(job),
          truth_(truth),
          choice_(choice),
          chunks_(choice.schedule, job.items, std::int64_t{choice.nodes} * choice.workers_per_node,
                  choice.chunk),
          intervals_(intervals) {
        for (int active = 0; active <= choice.workers_per_node; ++active) {
            memory_pace_.push_back(memory_pace(machine, job, active));
        }
        place_workers();
    }

    Outcome run(double give_up) {
        while (!events_.empty()) {
            const Event event = events_.top();
            if (event.time > give_up) return {kNever, false, peak_};
            events_.pop();
            Node& node = nodes_[static_cast<std::size_t>(event.node)];
            if (event.worker >= 0) {
                event.version < 0 ? ask(event.worker, event.time)
                                  : begin(event.worker, event.version, event.time, 0);
            } else if (event.version == node.version) {
                finish_next(event.node, event.time);
            }
            if (out_of_memory_) return {kNever, true, peak_};
        }
        return {end_, false, peak_};
    }

private:
    void place_workers() {
        double launch = machine_.lone_start.value;
        const int ranks = choice_.nodes * choice_.ranks_per_node;
        // The script of a cluster's job starts by srun whatever is more than one worker.
        if (ranks > 1 || (machine_.nodes > 1 && choice_.workers_per_node > 1)) {
            launch += machine_.launch.base.value +
                      machine_.launch.per_log2_node.value * std::log2(choice_.nodes) +
                      machine_.launch.per_rank.value * ranks;
        }
        for (int node = 0; node < choice_.nodes; ++node) {
            nodes_.push_back({std::vector<Domain>(static_cast<std::size_t>(machine_.domains)),
                              truth_.speeds[static_cast<std::size_t>(node)], 0, 0, 0, 0});
            for (int worker = 0; worker < choice_.workers_per_node; ++worker) {
                const int turn = worker / choice_.ranks_per_node + 1;
                events_.push({launch + machine_.spawn.value * turn, node,
                              static_cast<int>(workers_.size()), -1});
                workers_.push_back({node, worker % machine_.domains, false});
            }
        }
    }

    /// The worker draws the next chunk, once whoever hands them out is free.
    void ask(int worker, double now) {
        if (next_chunk_ >= chunks_.count()) return;
        const std::int64_t number = next_chunk_++;
        counter_free_ =
            std::max(counter_free_, now) + machine_.counter.value + choice_.dispatch_serial;
        const double ready = counter_free_ + machine_.dispatch.value;
        const double work = work_of(chunks_[number]);
        if (ready - now < 0.01 * work) {
            begin(worker, number, now, ready - now);
        } else {
            events_.push({ready, workers_[static_cast<std::size_t>(worker)].node, worker, number});
        }
    }

    double work_of(const ItemSpan& span) const {
        return truth_.before[static_cast<std::size_t>(span.end)] -
               truth_.before[static_cast<std::size_t>(span.begin)];
    }

    Bytes peak_of(const ItemSpan& span) const {
        if (truth_.peaks.empty() || span.empty()) return job_.peak;
        return *std::max_element(truth_.peaks.begin() + span.begin,
                                 truth_.peaks.begin() + span.end);
    }

    void begin(int number, std::int64_t chunk, double now, double overhead) {
        Worker& worker = workers_[static_cast<std::size_t>(number)];
        const ItemSpan span = chunks_[chunk];
        double work = work_of(span) + overhead;
        if (job_.mode == Mode::batch) work += machine_.spawn.value + job_.worker_start.value;
        if (job_.mode != Mode::batch && !worker.started) work += job_.worker_start.value;
        worker.started = true;

        Node& node = nodes_[static_cast<std::size_t>(worker.node)];
        advance(node, now);
        Domain& domain = node.domains[static_cast<std::size_t>(worker.domain)];
        const Bytes peak = peak_of(span);
        domain.running.push_back({domain.clock + work, number, span.begin, now, peak});
        std::push_heap(domain.running.begin(), domain.running.end(), std::greater<>());
        node.memory += peak.value;
        peak_ = std::max(peak_, Bytes{node.memory});
        out_of_memory_ = out_of_memory_ || node.memory > machine_.memory.value;
        ++node.active;
        reschedule(worker.node, now);
    }

    void finish_next(int number, double now) {
        Node& node = nodes_[static_cast<std::size_t>(number)];
        advance(node, now);
        Domain* domain = next_domain(node);
        const Running done = domain->running.front();
        std::pop_heap(domain->running.begin(), domain->running.end(), std::greater<>());
        domain->running.pop_back();
        --node.active;
        node.memory -= done.peak.value;
        end_ = std::max(end_, now);
        if (intervals_ != nullptr) intervals_->push_back({done.first_item, done.begun, now});
        reschedule(number, now);
        ask(done.worker, now);
    }

    static void advance(Node& node, double now) {
        for (Domain& domain : node.domains) domain.clock += (now - node.at) * domain.pace;
        node.at = now;
    }

    static double left(const Domain& domain) {
        return domain.running.empty()
                   ? kNever
                   : (domain.running.front().finish - domain.clock) / domain.pace;
    }

    static Domain* next_domain(Node& node) {
        return &*std::min_element(
            node.domains.begin(), node.domains.end(),
            [](const Domain& a, const Domain& b) { return left(a) < left(b); });
    }

    void reschedule(int number, double now) {
        Node& node = nodes_[static_cast<std::size_t>(number)];
        for (Domain& domain : node.domains) {
            const double served = memory_pace_[domain.running.size()];
            domain.pace = node.speed * served * core_pace(machine_, job_, node.active, served);
        }
        ++node.version;
        const double next = left(*next_domain(node));
        if (next < kNever) events_.push({now + std::max(0.0, next), number, -1, node.version});
    }

    const Machine& machine_;
    const Job& job_;
    const Realisation& truth_;
    const Choice& choice_;
    ChunkSequence chunks_;
    std::vector<Interval>* intervals_;
    std::vector<double> memory_pace_;
    std::vector<Node> nodes_;
    std::vector<Worker> workers_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::int64_t next_chunk_ = 0;
    double counter_free_ = 0;
    double end_ = 0;
    bool out_of_memory_ = false;
    Bytes peak_;
};

}  // namespace

Realisation realise(const Machine& machine, const Job& job, Random& random) {
    Realisation truth;
    truth.before.push_back(0);
    for (std::int64_t item = 0; item < job.items; ++item) {
        const double position = (static_cast<double>(item) + 0.5) / static_cast<double>(job.items);
        const double trend = std::lerp(1.0, job.rise, position) / ((1 + job.rise) / 2);
        const double seconds =
            draw_seconds(job, random) * trend * std::exp(kJitter * normal(random));
        truth.seconds.push_back(seconds);
        truth.before.push_back(truth.before.back() + seconds);
        if (job.peak_cv > 0) {
            const double deviation = std::sqrt(std::log(1 + job.peak_cv * job.peak_cv));
            truth.peaks.push_back(job.peak * std::exp(deviation * normal(random)));
        }
    }
    for (int node = 0; node < machine.nodes; ++node) {
        truth.speeds.push_back(std::max(0.5, 1 + machine.node_spread * normal(random)));
    }
    return truth;
}

double core_pace(const Machine& machine, const Job& job, int active, double served) {
    if (active < 1) return 1;
    const double cores = machine.cores_of_node();
    const double busy = active * job.cpu_share * (job.cpu_share < 1 ? served : 1);
    const double second =
        machine.threads > 1 ? std::clamp((busy - cores) / (cores * (machine.threads - 1)), 0.0, 1.0)
                            : 0;
    const double capacity = cores * std::lerp(1.0, machine.smt_yield, second);
    const double full = std::clamp((busy - 1) / std::max(cores - 1, 1.0), 0.0, 1.0);
    const double clock = std::lerp(1.0, machine.all_core_speed, full);
    const double excess = busy / capacity;
    if (job.cpu_share >= 1) return clock / std::max(1.0, excess);
    // Items that wait find all cores busy now and then before they are so on average.
    return clock * std::pow(1 + std::pow(excess, kKneeSharpness), -1 / kKneeSharpness);
}

double memory_pace(const Machine& machine, const Job& job, int active) {
    const auto bend = [](double demand) {
        return std::pow(1 + std::pow(demand, kKneeSharpness), -1 / kKneeSharpness);
    };
    const double alone = job.memory_share / machine.streams;
    const double demand = active * alone;
    return bend(demand) / bend(alone) / (1 + job.thrashing * std::max(0.0, demand - 1));
}

Outcome run(const Machine& machine, const Job& job, const Realisation& truth, const Choice& choice,
            double give_up, std::vector<Interval>* intervals) {
    return Simulation(machine, job, truth, choice, intervals).run(give_up);
}

}  // namespace amorsize::arena
