#include "advisor/core/item_times.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

#include "advisor/core/statistics.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kTimes = 128;       // that stand for a distribution
constexpr std::size_t kMostOfTail = 100;  // values that tell how a tail falls off
constexpr int kFurtherValues = 4;         // beside them
constexpr double kOddsOfLognormal = 4;    // against a Pareto law, before anything is seen (assumed)
constexpr double kShortest = 1e-6;        // seconds; a time of zero has no logarithm

/// Of all times the share that exceeds the largest of n, as expected.
double share_beyond(std::size_t n) {
    return 1 / static_cast<double>(n + 1);
}

std::vector<double> logarithms(const std::vector<double>& values) {
    std::vector<double> logs;
    logs.reserve(values.size());
    for (const double value : values) logs.push_back(std::log(std::max(value, kShortest)));
    return logs;
}

/// What the mean of so many exponential values is drawn around it, by its posterior.
double draw_mean(double mean, int values, Random& random) {
    double sum = 0;
    for (int i = 0; i < values; ++i) sum -= std::log(random.uniform());
    return mean * values / sum;
}

/// The inverse of a Pareto law's index: the mean excess of the logarithms over the least. As
/// uncertain as few values leave it: whether the law is one far out, the body of the sample does
/// not tell.
double draw_fall(const std::vector<double>& logs, Random& random) {
    const auto n = static_cast<double>(logs.size());
    const double excess = (mean(logs) - logs.front()) * n / (n - 1);
    const auto upper = static_cast<int>(std::min(logs.size() / 5, kMostOfTail));
    return std::min(1.0, draw_mean(excess, std::max(1, upper) + kFurtherValues, random));
}

/// Of a lognormal's logarithms, by the posterior of the variance: degrees of freedom in pairs.
double draw_deviation(const std::vector<double>& logs, Random& random) {
    const double deviation = standard_deviation(logs);
    const int pairs = std::max(1, static_cast<int>((logs.size() - 1) / 2));
    return std::sqrt(draw_mean(deviation * deviation, pairs, random));
}

/// Ascending times, one from each of equal shares of all: where in it `place` says, from 0 to 1.
template <class Place>
std::vector<double> times_of(const TimeQuantiles& quantiles, Place place) {
    std::vector<double> times;
    times.reserve(kTimes);
    for (std::size_t i = 0; i < kTimes; ++i)
        times.push_back(quantiles.at((static_cast<double>(i) + place()) / kTimes));
    return times;
}

/// Chance that these logarithms come from a Pareto law (exponential beyond the least) and not from
/// a lognormal (normal): by the ratio of their marginal likelihoods, scale and place being unknown
/// (Berger, Pericchi and Varshavsky 1998). Two values do not tell.
double chance_of_pareto(const std::vector<double>& logs) {
    const auto n = static_cast<double>(logs.size());
    const double deviation = standard_deviation(logs);
    const double excess = n * (mean(logs) - logs.front());
    if (deviation <= 0 || excess <= 0) return 0;
    const double squares = (n - 1) * deviation * deviation;
    const double normal = std::lgamma((n - 1) / 2) -
                          (n - 1) / 2 * std::log(std::numbers::pi * squares) -
                          std::log(2 * std::sqrt(n));
    const double exponential = std::lgamma(n - 1) - (n - 1) * std::log(excess) - std::log(n);
    return 1 / (1 + kOddsOfLognormal * std::exp(normal - exponential));
}

/// Mean of the times as far as they were seen: what lies beyond has a spread of its own.
double mean_up_to(double longest, const std::vector<double>& times) {
    double sum = 0;
    for (const double time : times) sum += std::min(time, longest);
    return sum / static_cast<double>(times.size());
}

}  // namespace

double widening(std::size_t n) {
    const auto degrees = static_cast<double>(n - 1);
    const double student = 1 + 1.5 / degrees;
    return std::sqrt(static_cast<double>(n) / degrees) * student - 1;
}

double TimesTail::factor(double rest) const {
    if (fall > 0) return std::pow(rest, -fall);
    if (deviation <= 0) return 1;
    const double beyond = normal_quantile(1 - rest * above) - normal_quantile(1 - above);
    return std::min(std::exp(deviation * beyond), 1 / rest);
}

TimeQuantiles::TimeQuantiles(std::span<const double> logarithms, const std::vector<double>& gaps,
                             const TimesTail& tail)
    : logs_(logarithms), ends_(gaps.size()), tail_(tail) {
    std::partial_sum(gaps.begin(), gaps.end(), ends_.begin());
}

double TimeQuantiles::at(double share) const {
    const double place = share * ends_.back();
    const auto end = std::lower_bound(ends_.begin(), std::prev(ends_.end()), place);
    const auto gap = static_cast<std::size_t>(end - ends_.begin());
    const double begin = gap == 0 ? 0 : ends_[gap - 1];
    const double within = std::clamp((place - begin) / (*end - begin), 1e-9, 1 - 1e-9);
    if (gap == 0) return scale_ * std::exp(logs_.front()) / tail_.factor(within);
    if (gap == logs_.size()) return scale_ * std::exp(logs_.back()) * tail_.factor(1 - within);
    return scale_ * std::exp(std::lerp(logs_[gap - 1], logs_[gap], within));
}

ItemTimes::ItemTimes(const std::vector<double>& sorted)
    : logs_(logarithms(sorted)),
      chance_of_pareto_(chance_of_pareto(logs_)),
      longest_(std::exp(logs_.back())) {
    const std::vector<double> even(logs_.size() + 1, 1.0);
    const TimesTail lognormal{0, standard_deviation(logs_), share_beyond(logs_.size())};
    expected_ =
        mean_up_to(longest_, times_of(TimeQuantiles(logs_, even, lognormal), [] { return 0.5; }));
}

TimesTail ItemTimes::draw_tail(Random& random) const {
    TimesTail tail;
    tail.above = share_beyond(logs_.size());
    if (random.uniform() < chance_of_pareto_) {
        tail.fall = draw_fall(logs_, random);
    } else {
        tail.deviation = draw_deviation(logs_, random);
    }
    return tail;
}

DrawnTimes ItemTimes::draw(Random& random) const& {
    std::vector<double> gaps(logs_.size() + 1);
    for (double& gap : gaps) gap = -std::log(random.uniform());
    TimeQuantiles quantiles(logs_, gaps, draw_tail(random));
    std::vector<double> times = times_of(quantiles, [&] { return random.uniform(); });
    const double error = std::pow(mean_up_to(longest_, times) / expected_, widening(logs_.size()));
    for (double& time : times) time *= error;
    quantiles.scale(error);
    return {std::move(times), std::move(quantiles)};
}

}  // namespace amorsize
