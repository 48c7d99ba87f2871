#include "advisor/core/memory_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "advisor/core/text.hpp"
#include "advisor/core/tolerance.hpp"

namespace amorsize {

namespace {

constexpr double kSignificance = 0.05;

struct Spread {
    double mean = 0;
    double deviation = 0;  ///< of the sample, n - 1 in the denominator
};

Spread spread_of(std::span<const double> values) {
    const double n = static_cast<double>(values.size());
    Spread spread;
    for (double value : values) spread.mean += value / n;
    double squares = 0;
    for (double value : values) squares += (value - spread.mean) * (value - spread.mean);
    if (values.size() > 1) spread.deviation = std::sqrt(squares / (n - 1));
    return spread;
}

/// An upper limit for one more of these values, taken as normal; the largest where one value is all
/// there is.
double normal_limit(std::span<const double> values, const MemoryGoal& goal) {
    const int n = static_cast<int>(values.size());
    const Spread spread = spread_of(values);
    if (n < 2 || spread.deviation <= 0) return spread.mean;
    const double factor = std::max(tolerance_factor(n, {1 - goal.risk.value}, goal.fit_confidence),
                                   prediction_factor(n, goal.risk));
    return spread.mean + factor * spread.deviation;
}

/// A line through the pairs, kept as sums so that one pair can be left out in constant time.
class Line {
public:
    Line(std::span<const double> x, std::span<const double> y) {
        for (std::size_t i = 0; i < x.size(); ++i) add(x[i], y[i], 1);
    }
    Line without(double x, double y) const {
        Line rest = *this;
        rest.add(x, y, -1);
        return rest;
    }
    double at(double x) const { return mean_y() + slope() * (x - sum_x_ / n_); }

private:
    void add(double x, double y, double times) {
        n_ += times;
        sum_x_ += times * x;
        sum_y_ += times * y;
        sum_xx_ += times * x * x;
        sum_xy_ += times * x * y;
    }
    double mean_y() const { return sum_y_ / n_; }
    double slope() const {
        const double variance = sum_xx_ - sum_x_ * sum_x_ / n_;
        return variance > 1e-12 * sum_xx_ ? (sum_xy_ - sum_x_ * sum_y_ / n_) / variance : 0;
    }

    double n_ = 0;
    double sum_x_ = 0;
    double sum_y_ = 0;
    double sum_xx_ = 0;
    double sum_xy_ = 0;
};

struct Peaks {
    std::vector<double> peak;        ///< bytes, of every sample that has one
    std::vector<double> with_input;  ///< bytes, of those that have an input size too
    std::vector<double> input;
};

Peaks peaks_of(std::span<const Sample> samples) {
    Peaks peaks;
    for (const Sample& sample : samples) {
        if (!sample.peak_rss || sample.peak_rss->value <= 0 || sample.exit_code != 0) continue;
        const double peak = static_cast<double>(sample.peak_rss->value);
        peaks.peak.push_back(peak);
        if (!sample.input || sample.input->value < 0) continue;
        peaks.with_input.push_back(peak);
        peaks.input.push_back(static_cast<double>(sample.input->value));
    }
    return peaks;
}

Bytes whole_bytes(double bytes) {
    constexpr double kLargest = 9.0e18;  // just below the largest Bytes
    return {static_cast<std::int64_t>(std::ceil(std::clamp(bytes, 0.0, kLargest)))};
}

MemoryRequest promise(int n, const MemoryGoal& goal) {
    MemoryRequest request;
    request.coverage = {1 - goal.risk.value};
    request.samples = n;
    request.samples_missing = std::max(0, samples_to_cover(request.coverage, goal.confidence) - n);
    request.risk = {1.0 / (n + 1)};
    return request;
}

MemoryRequest from_peaks(std::vector<double> peaks, const MemoryGoal& goal) {
    const int n = static_cast<int>(peaks.size());
    std::sort(peaks.begin(), peaks.end());
    MemoryRequest request = promise(n, goal);
    request.confidence = confidence_of_largest(n, request.coverage);
    if (const int rank = covering_rank(n, request.coverage, goal.confidence); rank <= n) {
        request.per_worker = whole_bytes(peaks[static_cast<std::size_t>(rank) - 1]);
        request.confidence = goal.confidence;
        request.risk = {1 - static_cast<double>(rank) / (n + 1)};
        request.method = rank == n ? fmt::format("largest of {} samples", n)
                                   : fmt::format("rank {} of {} samples", rank, n);
        return request;
    }
    std::vector<double> logarithms;
    logarithms.reserve(peaks.size());
    for (double peak : peaks) logarithms.push_back(std::log(peak));
    double limit = std::exp(normal_limit(logarithms, goal));
    const bool believed = !goal.most || limit <= static_cast<double>(goal.most->value);
    if (!believed) limit = 0;
    if (limit > peaks.back()) {
        request.confidence = std::max(request.confidence, goal.fit_confidence);
        request.method =
            fmt::format("lognormal fit to {}", counted(static_cast<std::int64_t>(n), "sample"));
    } else {
        request.method = n == 1 ? "the only sample" : fmt::format("largest of {} samples", n);
    }
    request.per_worker = whole_bytes(std::max(limit, peaks.back()));
    return request;
}

MemoryRequest from_input(const Peaks& peaks, Bytes input, const MemoryGoal& goal) {
    const int n = static_cast<int>(peaks.input.size());
    const double x = static_cast<double>(input.value);
    const Line line(peaks.input, peaks.with_input);
    double highest = line.at(x);
    std::vector<double> residuals;
    for (std::size_t i = 0; i < peaks.input.size(); ++i) {
        const Line rest = line.without(peaks.input[i], peaks.with_input[i]);
        highest = std::max(highest, rest.at(x));
        const double expected = rest.at(peaks.input[i]);
        const double larger = expected > 0 ? std::max(1.0, line.at(x) / expected) : 1;
        residuals.push_back((peaks.with_input[i] - expected) * larger);
    }
    const double largest_residual = *std::max_element(residuals.begin(), residuals.end());
    const double seen = highest + largest_residual;
    double fitted = line.at(x) + normal_limit(residuals, goal);
    const bool believed = !goal.most || fitted <= static_cast<double>(goal.most->value);
    if (!believed) fitted = std::min(fitted, seen);

    MemoryRequest request = promise(n, goal);
    const double largest = *std::max_element(peaks.input.begin(), peaks.input.end());
    request.largest_sampled = whole_bytes(largest);
    request.extrapolated = x > largest;
    if (request.extrapolated) request.risk = {1};
    request.confidence = confidence_of_largest(n, request.coverage);
    if (fitted > seen) {
        request.confidence = std::max(request.confidence, goal.fit_confidence);
    }
    request.per_worker = whole_bytes(std::max(fitted, seen));
    request.base = std::min(whole_bytes(line.at(0)), request.per_worker);
    request.method = fmt::format("fit on input size, {} samples", n);
    return request;
}

}  // namespace

std::optional<MemoryRequest> request_memory(std::span<const Sample> samples,
                                            const MemoryGoal& goal) {
    Peaks peaks = peaks_of(samples);
    if (peaks.peak.empty()) return std::nullopt;
    if (goal.input && peaks.input.size() >= 4 &&
        kendall(peaks.input, peaks.with_input).p_value <= kSignificance) {
        return from_input(peaks, *goal.input, goal);
    }
    return from_peaks(std::move(peaks.peak), goal);
}

}  // namespace amorsize
