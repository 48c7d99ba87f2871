#include "advisor/core/item_times.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "advisor/core/statistics.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kTimes = 128;       // that stand for a distribution
constexpr std::size_t kMostOfTail = 100;  // values that tell how a tail falls off
constexpr int kPriorValues = 4;           // that the lognormal weighs as much as
constexpr double kShortest = 1e-9;        // seconds; a time of zero has no logarithm

std::vector<double> logarithms(const std::vector<double>& values) {
    std::vector<double> logs;
    logs.reserve(values.size());
    for (const double value : values) logs.push_back(std::log(std::max(value, kShortest)));
    return logs;
}

/// The fall of all, drawn given that of some values: the inverse of a Gamma variate. No mean exists
/// beyond 1.
double draw_fall(double fall, int values, Random& random) {
    double sum = 0;
    for (int i = 0; i < values; ++i) sum -= std::log(random.uniform());
    return std::min(1.0, fall * values / sum);
}

/// Ascending times, one from each of equal shares of all: where in it `place` says, from 0 to 1.
template <class Place>
std::vector<double> times_of(const std::vector<double>& logs, const std::vector<double>& gaps,
                             double fall, Place place) {
    const std::size_t n = logs.size();
    std::vector<double> ends(n + 1);
    std::partial_sum(gaps.begin(), gaps.end(), ends.begin());
    std::vector<double> times;
    std::size_t gap = 0;
    for (std::size_t i = 0; i < kTimes; ++i) {
        const double at = (static_cast<double>(i) + place()) / kTimes * ends.back();
        while (gap < n && ends[gap] < at) ++gap;
        const double within =
            std::clamp((at - (ends[gap] - gaps[gap])) / gaps[gap], 1e-9, 1 - 1e-9);
        times.push_back(std::exp(gap == 0   ? logs.front() + fall * std::log(within)
                                 : gap == n ? logs.back() - fall * std::log(1 - within)
                                            : std::lerp(logs[gap - 1], logs[gap], within)));
    }
    return times;
}

/// Mean of the times as far as they were seen: what lies beyond has a spread of its own.
double mean_up_to(double longest, const std::vector<double>& times) {
    double sum = 0;
    for (const double time : times) sum += std::min(time, longest);
    return sum / static_cast<double>(times.size());
}

}  // namespace

/// The upper fifth's mean excess over the next logarithm (Hill 1975), and what a lognormal's would
/// be there as the prior: few values tell little of a tail.
ItemTimes::Tail ItemTimes::tail_of(const std::vector<double>& logs) {
    const std::size_t n = logs.size();
    const std::size_t upper = std::clamp<std::size_t>(n / 5, 1, kMostOfTail);
    const double hill = mean(std::span(logs).last(upper)) - logs[n - upper - 1];
    const double lognormal =
        standard_deviation(logs) / std::sqrt(2 * std::log(static_cast<double>(n + 1)));
    const int values = static_cast<int>(upper) + kPriorValues;
    return {values, (static_cast<double>(upper) * hill + kPriorValues * lognormal) / values};
}

ItemTimes::ItemTimes(const std::vector<double>& sorted)
    : logs_(logarithms(sorted)),
      tail_(tail_of(logs_)),
      mean_(mean(sorted)),
      longest_(std::exp(logs_.back())) {
    const std::vector<double> even(logs_.size() + 1, 1.0);
    expected_ = mean_up_to(longest_, times_of(logs_, even, tail_.fall, [] { return 0.5; }));
}

std::vector<double> ItemTimes::draw(Random& random) const {
    const auto n = static_cast<double>(logs_.size());
    std::vector<double> gaps(logs_.size() + 1);
    for (double& gap : gaps) gap = -std::log(random.uniform());
    const double fall = draw_fall(tail_.fall, tail_.values, random);
    std::vector<double> times = times_of(logs_, gaps, fall, [&] { return random.uniform(); });
    // t over normal at 95 %: 1.30 for n = 5 (2.13 / 1.64).
    const double widen = std::sqrt(n / (n - 1)) * (1 + 1.5 / (n - 1)) - 1;
    const double error = std::pow(mean_up_to(longest_, times) / expected_, widen);
    for (double& time : times) time *= error * mean_ / expected_;
    return times;
}

}  // namespace amorsize
