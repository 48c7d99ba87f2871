#include "tests/bench/regret/suite.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace amorsize::arena {

namespace {

constexpr std::int64_t kMostItems = 10000;  // what an exhaustive sweep can afford

template <class Value>
Value pick(Random& random, std::initializer_list<Value> values) {
    return values.begin()[random.below(values.size())];
}

double between(Random& random, double least, double most) {
    return std::lerp(least, most, random.uniform());
}

/// Evenly spread over the orders of magnitude.
double scale_between(Random& random, double least, double most) {
    return least * std::pow(most / least, random.uniform());
}

struct Size {
    int nodes;
    int domains;
    int cores;
};

Machine draw_machine(Random& random, std::initializer_list<Size> sizes) {
    const Size size = pick(random, sizes);
    Machine machine;
    machine.nodes = size.nodes;
    machine.domains = size.domains;
    machine.cores = size.cores;
    machine.threads = pick(random, {1, 2});
    machine.memory = kGiB * (4.0 * machine.cores_of_node());
    if (machine.threads > 1) machine.smt_yield = pick(random, {0.95, 1.0, 1.15, 1.3});
    machine.all_core_speed = pick(random, {1.0, 0.9, 0.8});
    machine.streams = between(random, 3, 8);
    if (machine.nodes > 1) machine.node_spread = pick(random, {0.0, 0.02, 0.05});
    machine.launch = {{scale_between(random, 0.2, 2)}, {0.1}, {scale_between(random, 0.001, 0.01)}};
    machine.spawn = {scale_between(random, 0.0005, 0.003)};
    machine.dispatch = {pick(random, {5e-6, 50e-6, 500e-6})};
    return machine;
}

Machine any_machine(Random& random) {
    return draw_machine(random, {{1, 1, 2},
                                 {1, 1, 4},
                                 {1, 1, 8},
                                 {1, 2, 8},
                                 {1, 2, 16},
                                 {1, 4, 16},
                                 {1, 8, 16},
                                 {4, 2, 16},
                                 {16, 2, 8},
                                 {8, 8, 16}});
}

Machine one_node(Random& random) {
    return draw_machine(random, {{1, 1, 4}, {1, 1, 8}, {1, 2, 8}, {1, 4, 16}, {1, 8, 16}});
}

std::int64_t items_for(const Machine& machine, Random& random, double least, double most) {
    const double cores = machine.nodes * machine.cores_of_node();
    const double items = cores * scale_between(random, least, most);
    return std::clamp(static_cast<std::int64_t>(items), std::int64_t{1}, kMostItems);
}

Job plain_job(const Machine& machine, Random& random) {
    Job job;
    job.items = items_for(machine, random, 1.5, 60);
    job.mean_seconds = scale_between(random, 0.05, 30);
    job.spread = pick(random, {0.1, 0.3, 1.0});
    return job;
}

Case plain(Random& random) {
    Case made{any_machine(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.spread = pick(random, {0.1, 0.3, 1.0, 2.0, 3.0});
    return made;
}

Case pareto(Random& random) {
    Case made = plain(random);
    made.job.shape = Shape::pareto;
    made.job.spread = between(random, 1.3, 3);
    return made;
}

Case bimodal(Random& random) {
    Case made = plain(random);
    made.job.shape = Shape::bimodal;
    made.job.spread = scale_between(random, 5, 50);
    return made;
}

Case rising(Random& random) {
    Case made{any_machine(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.rise = pick(random, {0.1, 4.0, 10.0, 30.0});
    return made;
}

Case bandwidth(Random& random) {
    Case made{one_node(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.memory_share = between(random, 0.4, 1);
    made.job.thrashing = pick(random, {0.0, 0.02, 0.1, 0.3});
    return made;
}

Case waiting(Random& random) {
    Case made{draw_machine(random, {{1, 1, 2}, {1, 1, 8}, {1, 2, 16}, {4, 2, 16}}), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.items = items_for(made.machine, random, 5, 200);
    made.job.mean_seconds = scale_between(random, 0.05, 5);
    made.job.cpu_share = scale_between(random, 0.01, 0.6);
    return made;
}

/// What the items wait for serves a few at once; more share it, or hinder each other.
Case scarce(Random& random) {
    Case made = waiting(random);
    made.job.cpu_share = scale_between(random, 0.01, 0.3);
    made.job.memory_share = between(random, 0.3, 1);
    made.job.thrashing = pick(random, {0.0, 0.02, 0.1, 0.3});
    return made;
}

Case tiny(Random& random) {
    Case made{any_machine(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.items = static_cast<std::int64_t>(scale_between(random, 100, 10000));
    made.job.mean_seconds = scale_between(random, 1e-6, 5e-3);
    return made;
}

Case heavy_start(Random& random) {
    Case made{one_node(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.mode = pick(random, {Mode::stream, Mode::batch});
    made.job.items = items_for(made.machine, random, 1, 30);
    made.job.mean_seconds = scale_between(random, 0.05, 2);
    made.job.worker_start = {scale_between(random, 1, 20)};
    return made;
}

Case memory_limited(Random& random) {
    Case made{draw_machine(random, {{1, 1, 8}, {1, 2, 8}, {1, 4, 16}, {4, 2, 16}}), {}, 10};
    made.job = plain_job(made.machine, random);
    const double fit = between(random, 1.5, 0.7 * made.machine.cores_of_node());
    made.job.peak = made.machine.memory / fit;
    made.job.peak_cv = pick(random, {0.0, 0.01, 0.05});
    return made;
}

Case few_items(Random& random) {
    Case made{any_machine(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.items = std::max<std::int64_t>(2, items_for(made.machine, random, 0.1, 1.3));
    return made;
}

Case one_item(Random& random) {
    Case made{any_machine(random), {}, 1};
    made.job = plain_job(made.machine, random);
    made.job.items = 1;
    return made;
}

Case uneven_nodes(Random& random) {
    Case made{draw_machine(random, {{4, 2, 16}, {16, 2, 8}, {8, 8, 16}}), {}, 5};
    made.machine.node_spread = between(random, 0.05, 0.2);
    made.job = plain_job(made.machine, random);
    return made;
}

Case dear_chunks(Random& random) {
    Case made{any_machine(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.mode = Mode::batch;
    made.job.mean_seconds = scale_between(random, 0.002, 1);
    made.job.worker_start = {scale_between(random, 0.01, 2)};
    return made;
}

Case program(Random& random) {
    Case made = plain(random);
    made.job.mode = Mode::program;
    made.job.spread = pick(random, {0.1, 0.3, 1.0, 2.0});
    return made;
}

const std::map<std::string, std::function<Case(Random&)>>& makers() {
    static const std::map<std::string, std::function<Case(Random&)>> all{
        {"lognormal", plain},
        {"pareto", pareto},
        {"bimodal", bimodal},
        {"rising cost", rising},
        {"bandwidth-bound", bandwidth},
        {"waiting", waiting},
        {"scarce", scarce},
        {"tiny", tiny},
        {"heavy start-up", heavy_start},
        {"memory-limited", memory_limited},
        {"fewer items", few_items},
        {"one item", one_item},
        {"uneven nodes", uneven_nodes},
        {"dear chunks", dear_chunks},
        {"program", program}};
    return all;
}

Case traced(const std::vector<double>& trace, Random& random) {
    Case made{any_machine(random), {}, 5};
    made.job = plain_job(made.machine, random);
    made.job.shape = Shape::trace;
    made.job.trace = trace;
    made.job.mean_seconds =
        std::accumulate(trace.begin(), trace.end(), 0.0) / static_cast<double>(trace.size());
    return made;
}

}  // namespace

const std::vector<std::string>& families() {
    static const std::vector<std::string> names{
        "lognormal",       "pareto",      "bimodal",  "rising cost",
        "bandwidth-bound", "waiting",     "tiny",     "heavy start-up",
        "memory-limited",  "fewer items", "one item", "uneven nodes",
        "dear chunks",     "program",     "trace",    "scarce"};
    return names;
}

Case draw_case(const std::string& family, const std::vector<double>& trace, Random& random) {
    const auto found = makers().find(family);
    Case made = found == makers().end() ? traced(trace, random) : found->second(random);
    made.job.family = family;
    const std::int64_t samples = pick(random, {5, 10, 30});
    made.samples = static_cast<int>(std::min(samples, made.job.items));
    return made;
}

}  // namespace amorsize::arena
