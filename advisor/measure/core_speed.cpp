#include "advisor/measure/core_speed.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "advisor/measure/pinned_threads.hpp"

namespace amorsize::measure {

namespace {

constexpr int kRounds = 9;

double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// One step: a random point, a short polynomial, a hit or a miss.
std::uint64_t monte_carlo(std::uint64_t steps, std::uint64_t seed) {
    std::uint64_t state = seed | 1;
    std::uint64_t hits = 0;
    double carried = 0;
    for (std::uint64_t i = 0; i < steps; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const double x = static_cast<double>(state >> 11) * 0x1.0p-53;
        carried = 0.5 * carried + x * (1.0 - x * (0.5 - x * 0.25));
        if (carried * x < 0.4) {
            ++hits;
        } else {
            state += hits;
        }
    }
    return hits;
}

// Steps a second of processor time, on each of these hardware threads, all at once.
std::vector<double> rates(const std::vector<int>& pus, std::uint64_t steps) {
    std::vector<double> rate(pus.size());
    std::vector<std::uint64_t> sink(pus.size());
    timed_rounds(pus, {1, 1, {}}, [&](std::size_t thread) {
        const double start = thread_seconds();
        sink[thread] = monte_carlo(steps, thread + 88172645463325252U);
        const double took = thread_seconds() - start;
        rate[thread] = static_cast<double>(steps) / std::max(took, 1e-9);
    });
    // Read, so that the work cannot be optimised away.
    for (std::size_t i = 0; i < sink.size(); ++i) rate[i] *= sink[i] == 0 ? 0.999999 : 1.0;
    return rate;
}

std::uint64_t steps_taking(Seconds duration, int pu) {
    constexpr std::uint64_t kTrial = 200'000;
    rates({pu}, kTrial);  // lets the clock rise and the pages fault
    const double rate = rates({pu}, kTrial).front();
    return std::max<std::uint64_t>(kTrial, static_cast<std::uint64_t>(rate * duration.value));
}

std::vector<const Core*> fastest_kind(const Topology& topology) {
    int kind = 0;
    for (const Core& core : topology.cores) kind = std::max(kind, core.kind);
    std::vector<const Core*> cores;
    for (const Core& core : topology.cores) {
        if (core.kind == kind) cores.push_back(&core);
    }
    return cores;
}

struct Ratios {
    std::vector<double> one, all_over_one, two_over_one;
};

}  // namespace

CoreSpeedReport measure_core_speed(const Topology& usable, Seconds budget) {
    CoreSpeedReport report;
    const std::vector<const Core*> fast = fastest_kind(usable);
    if (fast.empty()) {
        report.unmeasured.push_back({"core speed", "no core is usable"});
        return report;
    }
    const int alone = fast.front()->pus.front();
    std::vector<int> one_per_core;  // those compared first
    one_per_core.reserve(usable.cores.size());
    for (const Core* core : fast) one_per_core.push_back(core->pus.front());
    for (const Core& core : usable.cores) {
        if (core.kind != fast.front()->kind) one_per_core.push_back(core.pus.front());
    }
    const Core* paired = nullptr;
    for (const Core* core : fast) {
        if (!paired && core->pus.size() > 1) paired = core;
    }

    const int parts = 1 + (one_per_core.size() > 1 ? 1 : 0) + (paired ? 2 : 0);
    const std::uint64_t steps = steps_taking(budget / (parts * kRounds * 1.2), alone);
    Ratios ratios;
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < kRounds && (round < 3 || since(start) < budget); ++round) {
        const double one = rates({alone}, steps).front();
        ratios.one.push_back(one);
        if (one_per_core.size() > 1) {
            std::vector<double> all = rates(one_per_core, steps);
            all.resize(fast.size());
            std::sort(all.begin(), all.end());
            ratios.all_over_one.push_back(quantile(all, 0.5) / one);
        }
        if (paired) {
            const double single = rates({paired->pus[0]}, steps).front();
            const std::vector<double> both = rates({paired->pus[0], paired->pus[1]}, steps);
            ratios.two_over_one.push_back((both[0] + both[1]) / single);
        }
    }
    report.one_core_rate = summarise<double>(ratios.one).value;
    if (!ratios.all_over_one.empty()) {
        report.all_core_speed = summarise<double>(ratios.all_over_one);
        // No clock rises with company: what lies above one is noise.
        report.all_core_speed->value = std::min(report.all_core_speed->value, 1.0);
    }
    if (paired) {
        report.smt_yield = summarise<double>(ratios.two_over_one);
    } else {
        report.unmeasured.push_back(
            {"two threads on a core", "no usable core has a second hardware thread"});
    }
    return report;
}

}  // namespace amorsize::measure
