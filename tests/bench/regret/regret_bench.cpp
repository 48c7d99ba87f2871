// Regret of the advice on simulated machines: its wall time over the best found by sweeping nodes,
// workers and chunks, beside what people do without advice. See docs/model.md.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "advisor/core/advise.hpp"
#include "advisor/core/statistics.hpp"
#include "tests/bench/regret/observe.hpp"
#include "tests/bench/regret/suite.hpp"
#include "tests/bench/regret/sweep.hpp"

using namespace amorsize;
using namespace amorsize::arena;

namespace {

constexpr int kRealisations = 3;
constexpr int kRealisationsKnown = 6;  // to whom knows the law that items follow
constexpr double kUnseen = 0.05;  // seconds that nobody notices: a difference below counts as none

struct Options {
    std::uint64_t seed = 1;
    int cases = 20;  // of each family
    std::string family;
    std::vector<double> trace;
    bool each = false;
    bool samples = false;
    bool oracle = false;
};

struct Verdicts {
    std::string family;
    std::map<std::string, double> regret;  // by who chose; infinite: ran out of memory
    double predicted = 0;                  // wall over the predicted p50
    bool beyond_p95 = false;               // in the first realisation
    std::string text;
};

double regret_of(double wall, double best) {
    return wall - best < kUnseen ? 1 : wall / best;
}

std::string to_text(const Choice& choice) {
    return fmt::format("{} x {} ({} ranks) chunk {}{}", choice.nodes, choice.workers_per_node,
                       choice.ranks_per_node, choice.chunk,
                       choice.schedule == Schedule::fixed ? "" : " factoring");
}

/// Lists and node speeds that a job of this kind may have; the same list where all of it is known.
std::vector<Realisation> draw_truths(const Case& one, const Realisation* known, int count,
                                     Random& random) {
    std::vector<Realisation> truths;
    truths.reserve(static_cast<std::size_t>(count));  // `known` may point into it
    for (int i = 0; i < count; ++i) {
        truths.push_back(realise(one.machine, one.job, random));
        if (one.samples < one.job.items) continue;
        if (known == nullptr) known = &truths.front();
        truths.back().seconds = known->seconds;
        truths.back().before = known->before;
    }
    return truths;
}

/// The best plan of somebody who knows the machine and the law that item times follow exactly, but
/// as little as anybody which items this list holds and how fast this job's nodes are. What it
/// falls short of the best in hindsight, no sample can avoid on average.
Choice best_knowing_the_law(const Case& one, const Realisation& truth, Random& random) {
    return Sweep(one, draw_truths(one, &truth, kRealisationsKnown, random)).best().choice;
}

Verdicts judge(const std::string& family, const Options& options, std::uint64_t seed) {
    Random random(seed);
    const Case one = draw_case(family, options.trace, random);
    const std::vector<Realisation> truths = draw_truths(one, nullptr, kRealisations, random);
    const JobProfile profile =
        observe(one.machine, one.job, truths.front(), one.samples, random.next());
    const Advice advice = advise(manifest_of(one.job), cluster_of(one.machine), profile);

    Verdicts verdicts;
    verdicts.family = family;
    verdicts.text = fmt::format(
        "{}: {} x {} x {} cores x {} ({:.2g}), {} items of {:.3g} s, spread {:.2g}, cpu {:.2g}, "
        "memory {:.2g}, start {:.3g}, n {}",
        family, one.machine.nodes, one.machine.domains, one.machine.cores, one.machine.threads,
        one.machine.smt_yield, one.job.items, one.job.mean_seconds, one.job.spread,
        one.job.cpu_share, one.job.memory_share, one.job.worker_start.value, one.samples);
    if (!advice.plan) {
        verdicts.text += " | infeasible";
        return verdicts;
    }
    Sweep sweep(one, truths);
    const Trial ours = sweep.timed(choice_of(advice));
    auto habits = sweep.habits();
    if (options.oracle) {
        Random others(seed + 1);
        const Trial known = sweep.timed(best_knowing_the_law(one, truths.front(), others));
        habits["law known"] = known;
    }
    const Trial best = sweep.best();
    verdicts.regret["advice"] = regret_of(ours.wall, best.wall);
    verdicts.regret["and sampling"] = regret_of(ours.wall + profile.cost.value, best.wall);
    for (const auto& [name, trial] : habits)
        verdicts.regret[name] = regret_of(trial.wall, best.wall);
    const WallTime& predicted = advice.plan->predicted.wall;
    verdicts.predicted = ours.wall / predicted.p50.value;
    const Outcome first = run(one.machine, one.job, truths.front(), ours.choice);
    verdicts.beyond_p95 = first.wall > predicted.p95.value;
    if (options.each) {
        for (const Alternative& other : advice.alternatives) {
            const Layout& layout = other.plan.layout;
            verdicts.text +=
                fmt::format(" [{} x {} {:.3g} s]", layout.nodes, layout.workers_per_node(),
                            other.plan.predicted.wall.p50.value);
        }
        for (const Sample& sample : profile.samples) {
            if (options.samples)
                verdicts.text +=
                    fmt::format(" {:.3g}@{}", sample.seconds.value, sample.concurrency);
        }
    }
    verdicts.text += fmt::format(" | {} {:.3f} | {:.3f} s, best {:.3f} s: {} | predicted {:.3f} s",
                                 to_text(ours.choice), verdicts.regret["advice"], ours.wall,
                                 best.wall, to_text(best.choice), predicted.p50.value);
    if (options.oracle) {
        verdicts.text += fmt::format(" | law known: {} {:.3f}", to_text(habits["law known"].choice),
                                     verdicts.regret["law known"]);
    }
    return verdicts;
}

std::vector<Verdicts> judge_all(const Options& options) {
    std::vector<std::pair<std::string, std::uint64_t>> tasks;
    Random seeds(options.seed);
    for (const std::string& family : families()) {
        for (int i = 0; i < options.cases; ++i) {
            const std::uint64_t seed = seeds.next();
            const bool wanted = options.family.empty() || options.family == family;
            if (wanted && (family != "trace" || !options.trace.empty())) {
                tasks.emplace_back(family, seed);
            }
        }
    }
    std::vector<Verdicts> all(tasks.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
        threads.emplace_back([&] {
            for (std::size_t task = next++; task < tasks.size(); task = next++) {
                all[task] = judge(tasks[task].first, options, tasks[task].second);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    return all;
}

std::string figures(std::vector<double> regrets) {
    std::sort(regrets.begin(), regrets.end());
    const auto died = std::count_if(regrets.begin(), regrets.end(),
                                    [](double value) { return std::isinf(value); });
    regrets.resize(regrets.size() - static_cast<std::size_t>(died));
    if (regrets.empty()) return fmt::format("{:>24}", "no memory");
    return fmt::format("{:>6.3f} {:>6.2f} {:>6.2f}{}", quantile(regrets, 0.5),
                       quantile(regrets, 0.95), regrets.back(),
                       died > 0 ? fmt::format(" {:>2}!", died) : "    ");
}

void print_row(const std::string& name, const std::vector<Verdicts>& all) {
    static const std::vector<std::string> columns{"advice",      "and sampling", "all threads",
                                                  "cores, N/4P", "GNU parallel", "joblib",
                                                  "law known"};
    fmt::print("{:<16}", name);
    for (const std::string& column : columns) {
        std::vector<double> regrets;
        for (const Verdicts& one : all) {
            if (name != "all" && one.family != name) continue;
            if (one.regret.contains(column)) regrets.push_back(one.regret.at(column));
        }
        if (!regrets.empty()) fmt::print(" {:>24}", figures(regrets));
    }
    std::size_t count = 0;
    std::size_t near = 0;
    std::size_t beyond = 0;
    for (const Verdicts& one : all) {
        if ((name != "all" && one.family != name) || one.regret.empty()) continue;
        ++count;
        near += std::abs(std::log(one.predicted)) <= std::log(1.15) ? 1U : 0U;
        beyond += one.beyond_p95 ? 1U : 0U;
    }
    if (count > 0) {
        fmt::print(" {:>6.0f} % {:>6.1f} % {:>5}", 100.0 * double(near) / double(count),
                   100.0 * double(beyond) / double(count), count);
    }
    fmt::print("\n");
}

std::vector<double> read_trace(const char* path) {
    std::ifstream file(path);
    std::vector<double> seconds;
    for (double value = 0; file >> value;) seconds.push_back(value);
    if (seconds.empty()) {
        fmt::print(stderr, "{}: no item times; one number of seconds a line is expected\n", path);
        std::exit(2);
    }
    return seconds;
}

Options options_from(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
        if (is("--each") || is("--samples")) {
            options.each = true;
            options.samples = options.samples || is("--samples");
        } else if (is("--oracle")) {
            options.oracle = true;
        } else if (i + 1 < argc && is("--seed")) {
            options.seed = std::strtoull(argv[++i], nullptr, 10);
        } else if (i + 1 < argc && is("--cases")) {
            options.cases = std::atoi(argv[++i]);
        } else if (i + 1 < argc && is("--family")) {
            options.family = argv[++i];
        } else if (i + 1 < argc && is("--trace")) {
            options.trace = read_trace(argv[++i]);
        } else {
            fmt::print(stderr,
                       "usage: bench_regret [--seed N] [--cases N] [--family NAME] [--trace FILE] "
                       "[--each] [--oracle]\n");
            std::exit(2);
        }
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = options_from(argc, argv);
    const std::vector<Verdicts> all = judge_all(options);
    if (options.each) {
        for (const Verdicts& one : all) fmt::print("{}\n", one.text);
    }
    fmt::print(
        "seed {}, wall time over the best of the sweep: median, 95 %, worst (!: ran out of "
        "memory)\n",
        options.seed);
    fmt::print("{:<16} {:>24} {:>24} {:>24} {:>24} {:>24} {:>24}{} {:>8} {:>8} {:>5}\n", "",
               "advice", "and sampling", "all threads", "cores, N/4P", "GNU parallel", "joblib",
               options.oracle ? fmt::format(" {:>24}", "law known") : "", "p50±15%", ">p95",
               "jobs");
    for (const std::string& family : families()) {
        if (std::any_of(all.begin(), all.end(), [&](auto& one) { return one.family == family; })) {
            print_row(family, all);
        }
    }
    print_row("all", all);
}
