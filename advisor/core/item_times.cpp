#include "advisor/core/item_times.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "advisor/core/statistics.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kTimes = 128;  // that stand for a distribution
constexpr double kShortest = 1e-9;   // seconds; a time of zero has no logarithm

std::vector<double> logarithms(const std::vector<double>& values) {
    std::vector<double> logs;
    for (const double value : values) logs.push_back(std::log(std::max(value, kShortest)));
    return logs;
}

/// The deviation of all, drawn given that of n normal values: s sqrt(nu / chi-square), the latter
/// by Wilson and Hilferty (1931).
double draw_deviation(double of_sample, double degrees, Random& random) {
    const double part = 2 / (9 * degrees);
    const double root = 1 - part + normal_quantile(random.uniform()) * std::sqrt(part);
    return of_sample / std::pow(std::max(root, 0.2), 1.5);
}

std::vector<double> times_of(const std::vector<double>& logs, const std::vector<double>& shares,
                             double deviation) {
    const std::size_t n = logs.size();
    const double fall = deviation / std::sqrt(2 * std::log(static_cast<double>(n + 1)));
    const double range = logs.back() - logs.front();
    const auto beyond = [&](double left) { return std::min(range, -fall * std::log(left)); };
    std::vector<double> ends(n + 1);  // of each gap, in shares
    std::partial_sum(shares.begin(), shares.end(), ends.begin());
    std::vector<double> times;
    std::size_t gap = 0;
    for (std::size_t i = 0; i < kTimes; ++i) {
        const double at = (static_cast<double>(i) + 0.5) / kTimes * ends.back();
        while (gap < n && ends[gap] < at) ++gap;
        const double within =
            std::clamp((at - (ends[gap] - shares[gap])) / shares[gap], 1e-9, 1 - 1e-9);
        times.push_back(std::exp(gap == 0   ? logs.front() - beyond(within)
                                 : gap == n ? logs.back() + beyond(1 - within)
                                            : std::lerp(logs[gap - 1], logs[gap], within)));
    }
    return times;
}

std::vector<double> scaled(std::vector<double> times, double factor) {
    for (double& time : times) time *= factor;
    return times;
}

/// Before it is scaled to the sample's mean.
std::vector<double> with_like_gaps(const std::vector<double>& logs) {
    return times_of(logs, std::vector<double>(logs.size() + 1, 1.0), standard_deviation(logs));
}

}  // namespace

std::vector<double> draw_times(const std::vector<double>& sorted, Random& random) {
    const std::vector<double> logs = logarithms(sorted);
    const auto n = static_cast<double>(logs.size());
    std::vector<double> shares(logs.size() + 1);
    for (double& share : shares) share = -std::log(random.uniform());
    const std::vector<double> times =
        times_of(logs, shares, draw_deviation(standard_deviation(logs), n - 1, random));
    const double expected = mean(with_like_gaps(logs));
    // t over normal at 95 %: 1.30 for n = 5 (2.13 / 1.64).
    const double widen = std::sqrt(n / (n - 1)) * (1 + 1.5 / (n - 1)) - 1;
    return scaled(times, std::pow(mean(times) / expected, widen) * mean(sorted) / expected);
}

}  // namespace amorsize
