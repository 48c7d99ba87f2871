#include "tests/bench/backtest/generate_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>

namespace amorsize::bench {

namespace {

using Random = std::mt19937_64;
constexpr double kGib = 1073741824.0;

double uniform(Random& random, double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
}
double log_uniform(Random& random, double low, double high) {
    return std::exp(uniform(random, std::log(low), std::log(high)));
}
double lognormal(Random& random, double sigma) {
    return std::lognormal_distribution<double>(0, sigma)(random);
}
bool chance(Random& random, double probability) {
    return std::bernoulli_distribution(probability)(random);
}

enum class Shape {
    constant,
    linear,
    saturating,
    power,
    bimodal,
    heavy,
    drifting,
    unrelated,
    steps
};
constexpr std::size_t kShapes = 9;

/// One process of a workflow.
struct Process {
    std::string name;
    Shape shape = Shape::constant;
    double weight = 1;  ///< of its tasks among all
    double base = 0;    ///< bytes
    double scale = 0;   ///< bytes at a typical input
    double exponent = 1;
    double noise = 0;  ///< deviation of the logarithm
    double rare = 0;   ///< chance of the other mode
    double rare_factor = 1;
    double seconds = 60;  ///< at a typical input
    double seconds_exponent = 0;
    double seconds_noise = 0.3;
    double input_scale = 1;  ///< bytes
    double requested = 0;    ///< bytes; 0: none known
    bool inputs_known = true;
    bool inputs_repeat = false;
};

double label_request(Random& random, double typical_peak) {
    constexpr std::array<double, 8> labels{1, 2, 4, 6, 12, 36, 72, 120};
    const double wanted =
        typical_peak / kGib *
        (chance(random, 0.06) ? uniform(random, 0.4, 1.0) : log_uniform(random, 2, 20));
    const auto label = std::lower_bound(labels.begin(), labels.end(), wanted);
    return (label == labels.end() ? 120 : *label) * kGib;
}

Process draw_process(Random& random, int index, const std::vector<double>& shape_weights,
                     double noisiness) {
    Process process;
    process.name = fmt::format("PROCESS_{}", index);
    process.shape = static_cast<Shape>(
        std::discrete_distribution<int>(shape_weights.begin(), shape_weights.end())(random));
    process.weight = lognormal(random, 1.3);
    const double typical = log_uniform(random, 0.005, 30) * kGib;
    const double fixed_share = chance(random, 0.3) ? 0 : uniform(random, 0, 0.8);
    process.base = typical * fixed_share;
    process.scale = typical - process.base;
    process.exponent = uniform(random, 0.4, 1.3);
    process.noise = noisiness * log_uniform(random, 0.002, 0.3);
    process.rare = log_uniform(random, 0.01, 0.5);
    process.rare_factor = uniform(random, 1.5, 8);
    process.seconds = log_uniform(random, 2, 1e4);
    process.seconds_exponent = chance(random, 0.7) ? uniform(random, 0.3, 1.2) : 0;
    process.seconds_noise = uniform(random, 0.05, 0.7);
    process.input_scale = log_uniform(random, 1e5, 2e10);
    process.requested = chance(random, 0.03) ? 0 : label_request(random, typical);
    process.inputs_known = !chance(random, 0.12);
    process.inputs_repeat = chance(random, 0.15);
    return process;
}

double peak_of(const Process& process, double size, double progress, Random& random) {
    const double noise = lognormal(random, process.noise);
    switch (process.shape) {
        case Shape::constant:
            return (process.base + process.scale) * lognormal(random, 0.1 * process.noise);
        case Shape::linear:
            return process.base + process.scale * size * noise;
        case Shape::saturating:
            return std::min(process.base + process.scale * size,
                            1.3 * (process.base + process.scale)) *
                   lognormal(random, 0.3 * process.noise);
        case Shape::power:
            return process.base + process.scale * std::pow(size, process.exponent) * noise;
        case Shape::bimodal:
            return (process.base + process.scale) * noise *
                   (chance(random, process.rare) ? process.rare_factor : 1);
        case Shape::heavy: {
            const double tail = std::pow(uniform(random, 1e-4, 1), -1 / uniform(random, 2.0, 3.0));
            return process.base + process.scale * tail * noise;
        }
        case Shape::drifting:
            return (process.base + process.scale * (0.5 + 2 * progress)) * noise;
        case Shape::unrelated:
            return process.base + process.scale * lognormal(random, 0.1 + process.noise);
        case Shape::steps:
            return (process.base + process.scale * (size > 1.5 ? 3.0 : 1.0)) * noise;
    }
    return process.scale;
}

TraceTask draw_task(const Process& process, double sample_size, double progress, Random& random) {
    double size = sample_size * lognormal(random, 0.1);
    if (process.inputs_repeat) size = std::exp2(std::round(2 * std::log2(size)) / 2);
    TraceTask task;
    task.group = process.name;
    const double input = process.input_scale * size;
    if (process.inputs_known && !chance(random, 0.01)) task.input = Bytes{std::llround(input)};
    const double peak = std::clamp(peak_of(process, size, progress, random), 2e6, 110 * kGib);
    task.peak = Bytes{std::llround(peak / 4096) * 4096};
    const double seconds = process.seconds * std::pow(size, process.seconds_exponent) *
                           lognormal(random, process.seconds_noise);
    task.seconds = Seconds{chance(random, 0.003) ? 0 : std::round(seconds * 1000) / 1000};
    if (process.requested > 0) {
        // Workflow engines ask for two, three times the label after a kill; the trace keeps what
        // succeeded.
        double requested = process.requested;
        while (requested < peak) requested += process.requested;
        task.requested = Bytes{std::llround(requested)};
    }
    return task;
}

}  // namespace

std::vector<TraceTask> generate_trace(std::uint64_t seed, int tasks) {
    Random random(seed);
    std::vector<double> shape_weights;
    for (std::size_t i = 0; i < kShapes; ++i) shape_weights.push_back(lognormal(random, 0.8));
    shape_weights[0] *= 2;
    shape_weights[1] *= 3;
    shape_weights[3] *= 2;
    const double noisiness = log_uniform(random, 0.4, 1.6);
    const double sample_spread = uniform(random, 0.3, 1.1);
    const int count = static_cast<int>(log_uniform(random, 25, 160));
    std::vector<Process> processes;
    std::vector<double> weights;
    for (int i = 0; i < count; ++i) {
        processes.push_back(draw_process(random, i, shape_weights, noisiness));
        weights.push_back(processes.back().weight);
    }
    std::discrete_distribution<std::size_t> which(weights.begin(), weights.end());
    std::vector<TraceTask> trace;
    while (trace.size() < static_cast<std::size_t>(tasks)) {
        const double sample_size = lognormal(random, sample_spread);
        for (int i = 0; i < 12 && trace.size() < static_cast<std::size_t>(tasks); ++i) {
            const double progress = static_cast<double>(trace.size()) / tasks;
            trace.push_back(draw_task(processes[which(random)], sample_size, progress, random));
            trace.back().row = static_cast<std::int64_t>(trace.size());
        }
    }
    return trace;
}

}  // namespace amorsize::bench
