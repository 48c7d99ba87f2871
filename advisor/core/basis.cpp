#include "advisor/core/basis.hpp"

#include <fmt/format.h>

#include <cmath>

#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

const std::string kDefault = "default of the model";

/// What a node says of itself: where its figures came from is where the node came from.
class NodeFacts {
public:
    explicit NodeFacts(const NodeOffer& offer) : offer_(offer) {
        origin_ = offer.origin.empty() ? "class " + offer.node_class : offer.origin;
        facts_.push_back({"node",
                          fmt::format("{}, {}", describe(offer.topology), to_text(offer.memory)),
                          offer.source, origin_});
    }

    void add(const char* name, std::string value, const std::optional<Fraction>& spread) {
        if (spread) value += fmt::format(", spread {}", to_text(*spread));
        facts_.push_back({name, std::move(value), offer_.source, origin_});
    }
    void add_assumed(const char* name, std::string value) {
        facts_.push_back({name, std::move(value), Source::assumed, kDefault});
    }
    std::vector<Fact> take() { return std::move(facts_); }

private:
    const NodeOffer& offer_;
    std::string origin_;
    std::vector<Fact> facts_;
};

void add_figures(const NodeOffer& offer, const ModelCosts& costs, NodeFacts& facts) {
    const NodeFigures& figures = offer.figures;
    const FigureSpreads& spread = figures.spread;
    if (costs.spawn_assumed) {
        facts.add_assumed("worker start", to_text(costs.spawn));
    } else {
        facts.add("worker start", to_text(costs.spawn), spread.exec);
    }
    if (costs.node_spread_assumed) {
        facts.add_assumed("speed from node to node", "spread " + to_text(costs.node_spread));
    } else if (figures.node_spread) {
        facts.add("speed from node to node", "spread " + to_text(*figures.node_spread), {});
    }
    if (threads_per_core(offer.topology) > 1) {
        if (figures.smt_yield) {
            facts.add("two threads on a core", to_text(*figures.smt_yield) + " x one",
                      spread.smt_yield);
        } else {
            facts.add_assumed("two threads on a core", "1 x one");
        }
    }
    if (figures.all_core_speed) {
        facts.add("a core with all busy", to_text(*figures.all_core_speed) + " x one alone",
                  spread.all_core_speed);
    }
    if (figures.spawn && figures.spawn->thread)
        facts.add("thread start", to_text(*figures.spawn->thread), spread.thread);
    if (figures.spawn && figures.spawn->fork_per_gib)
        facts.add("fork of each GiB", to_text(*figures.spawn->fork_per_gib), spread.fork_per_gib);
    if (const auto& bandwidth = figures.bandwidth_per_numa) {
        facts.add("bandwidth of one core", to_text(bandwidth->one_core), spread.one_core_bandwidth);
        const auto& cores = bandwidth->saturating_cores;
        facts.add("bandwidth of a NUMA domain",
                  to_text(bandwidth->saturated) +
                      (cores ? fmt::format(" from {} on", counted(*cores, "core")) : ""),
                  spread.saturated_bandwidth);
    }
}

/// What the machine is and what its parts cost.
std::vector<Fact> machine_facts(const JobCase& job, const Candidate& chosen) {
    const bool program = job.manifest.kind == JobKind::mpi;
    const ModelCosts costs = costs_of(job.cluster, *chosen.offer);
    NodeFacts node(*chosen.offer);
    if (!program) add_figures(*chosen.offer, costs, node);
    std::vector<Fact> facts = node.take();
    const std::string& timed = job.cluster.launch_source;
    const auto of_cluster = [&](const char* name, bool known, Seconds value) {
        const Source source = !known          ? Source::assumed
                              : timed.empty() ? Source::given
                                              : Source::measured;
        facts.push_back({name, to_text(value), source,
                         !known          ? kDefault
                         : timed.empty() ? "cluster profile"
                                         : timed});
    };
    of_cluster("launch", job.cluster.launch.has_value(), costs.launch.base);
    if (!program) {
        of_cluster("chunk dispatch", job.cluster.dispatch.has_value(), dispatch_cost(job.cluster));
        of_cluster("runner start", false, costs.lone_start);
    }
    return facts;
}

const char* ending_text(RunOutcome outcome) {
    switch (outcome) {
        case RunOutcome::completed:
            return "";
        case RunOutcome::failed:
            return "; items of it failed";
        case RunOutcome::out_of_memory:
            return "; it ran out of memory";
        case RunOutcome::time_limit:
            return "; it ran into its time limit";
        case RunOutcome::stopped:
            return "; it was stopped";
    }
    return "";
}

/// How far the last prediction was off.
Fact last_run_fact(const PastRuns& past) {
    const FinishedRun& last = past.last();
    std::string value = "took " + to_text(last.seconds);
    if (last.predicted && *last.predicted > Seconds{0}) {
        const double off = last.seconds / *last.predicted - 1;
        value = fmt::format("predicted {}, took {} ({} {})", to_text(*last.predicted),
                            to_text(last.seconds), to_text(Fraction{std::abs(off)}),
                            off >= 0 ? "longer" : "shorter");
    }
    return {"last run", value + ending_text(last.outcome), Source::history,
            counted(static_cast<std::int64_t>(past.runs.size()), "run")};
}

/// A spread that nobody gave is assumed, and said to be.
Fact time_fact(const JobCase& job) {
    const char* name = job.manifest.kind == JobKind::mpi ? "run time" : "item time";
    const std::optional<Source> source = source_of_times(job);
    if (!source) return {name, "unknown", Source::assumed, "nothing was timed"};
    const std::string mean = to_text(Seconds{job.work.mean_seconds}) + " on average";
    if (job.profile.samples.empty()) {
        const auto& given = job.manifest.profile.cv;
        return {name,
                fmt::format("{}, spread {}{}", mean, to_text(Fraction{given.value_or(job.work.cv)}),
                            given ? "" : " assumed"),
                *source, "the manifest"};
    }
    const std::string spread = to_text(Fraction{job.work.cv});
    const bool alone = job.profile.samples.size() == 1;
    const char* how = alone                     ? " assumed"
                      : job.work.ratios.empty() ? ""
                                                : ", by the sizes of the inputs";
    return {name, fmt::format("{}, spread {}{}", mean, spread, how), *source,
            job.profile.origin.empty() ? "the samples" : job.profile.origin};
}

}  // namespace

std::vector<Fact> basis_of(const JobCase& job, const Candidate& chosen) {
    const bool program = job.manifest.kind == JobKind::mpi;
    std::vector<Fact> basis;
    if (!program)
        basis.push_back({"items", to_text(job.work.items), Source::given, "the manifest"});
    const Fact time = time_fact(job);
    basis.push_back(time);
    basis.push_back(job.memory.fact);
    if (program) basis.back().name = "memory per rank";
    if (const auto& first = job.profile.warm_up) {
        basis.push_back(
            {"warm-up item",
             fmt::format("{}{}, its time not counted", to_text(first->seconds),
                         first->peak_rss ? " and " + to_text(*first->peak_rss) : std::string()),
             job.profile.source, time.origin});
    }
    if (job.profile.past) basis.push_back(last_run_fact(*job.profile.past));
    const std::vector<Fact> machine = machine_facts(job, chosen);
    basis.insert(basis.end(), machine.begin(), machine.end());
    return basis;
}

}  // namespace amorsize
