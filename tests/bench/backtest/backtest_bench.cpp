// Waste and kills of each sizing rule over generated traces: bench_backtest [FIRST_SEED [TRACES
// [TASKS]]]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/bench/backtest/generate_trace.hpp"

using namespace amorsize;

namespace {

struct Total {
    double wasted = 0;
    std::int64_t kills = 0;
    double relative = 0;  ///< to what was used, averaged over traces
};

double setting(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text ? std::atof(text) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    const auto number = [&](int i, int otherwise) {
        return argc > i ? std::atoi(argv[i]) : otherwise;
    };
    const int first = number(1, 1000);
    const int traces = number(2, 20);
    const int tasks = number(3, 13510);
    LearningPolicy policy;
    policy.node_memory = Bytes{128 * kGiB.value};
    policy.kill_price = setting("KILL_PRICE", policy.kill_price);
    policy.shared_weight = setting("SHARED", policy.shared_weight);
    policy.memory_of_choice = setting("MEMORY", policy.memory_of_choice);

    std::map<std::string, Total> totals;
    double used = 0;
    double seconds = 0;
    for (int seed = first; seed < first + traces; ++seed) {
        const auto trace = bench::generate_trace(static_cast<std::uint64_t>(seed), tasks);
        const auto start = std::chrono::steady_clock::now();
        const Backtest result = backtest(trace, policy);
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        used += result.used_gib_hours;
        for (const RuleOutcome& rule : result.rules) {
            Total& total = totals[rule.rule];
            total.wasted += rule.wasted_gib_hours;
            total.kills += rule.kills;
            total.relative += rule.wasted_gib_hours / result.used_gib_hours / traces;
        }
    }
    fmt::print("{} traces of {} tasks, {:.0f} GiB h used a trace, {:.2f} s a trace\n", traces,
               tasks, used / traces, seconds / traces);
    for (const auto& [name, total] : totals) {
        fmt::print("{:<16} wasted {:9.0f} GiB h  {:6.3f} of use  kills {:6.0f}\n", name,
                   total.wasted / traces, total.relative,
                   static_cast<double>(total.kills) / traces);
    }
    return 0;
}
