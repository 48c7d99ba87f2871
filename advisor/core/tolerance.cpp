#include "advisor/core/tolerance.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "advisor/core/statistics.hpp"

namespace amorsize {

namespace {

double normal_cdf(double z) {
    return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

/// Finds where a rising function crosses `target`, between two arguments that enclose the crossing.
template <class Function>
double bisect(Function&& rising, double low, double high, double target) {
    for (int step = 0; step < 200 && high - low > 1e-9 * std::max(1.0, std::abs(high)); ++step) {
        const double middle = 0.5 * (low + high);
        (rising(middle) < target ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace

namespace {

/// Simpson's nodes for u = sqrt(V / nu), each weighted with the density of u there:
/// 2 (nu/2)^(nu/2) / Gamma(nu/2) u^(nu-1) exp(-nu u^2 / 2).
class ScaleDensity {
public:
    explicit ScaleDensity(double nu) {
        const double log_scale =
            std::log(2.0) + 0.5 * nu * std::log(0.5 * nu) - std::lgamma(0.5 * nu);
        const double reach = 8.0 / std::sqrt(2.0 * nu);  // u's deviation is about 1 / sqrt(2 nu)
        const double low = std::max(0.0, 1.0 - reach);
        const double width = (1.0 + reach - low) / kIntervals;
        for (int i = 0; i <= kIntervals; ++i) {
            const double u = low + i * width;
            const double factor = i == 0 || i == kIntervals ? 1 : i % 2 == 1 ? 4 : 2;
            const double log_power = u > 0 ? (nu - 1) * std::log(u) : nu > 1 ? -1e300 : 0;
            u_.push_back(u);
            weight_.push_back(factor * width / 3 *
                              std::exp(log_scale + log_power - 0.5 * nu * u * u));
        }
    }
    double cdf(double t, double delta) const {
        double sum = 0;
        for (std::size_t i = 0; i < u_.size(); ++i)
            sum += weight_[i] * normal_cdf(t * u_[i] - delta);
        return std::clamp(sum, 0.0, 1.0);
    }

private:
    static constexpr int kIntervals = 240;
    std::vector<double> u_;
    std::vector<double> weight_;
};

}  // namespace

double noncentral_t_cdf(double t, double nu, double delta) {
    return ScaleDensity(nu).cdf(t, delta);
}

double noncentral_t_quantile(double probability, double nu, double delta) {
    const ScaleDensity density(nu);
    const auto cdf = [&](double t) { return density.cdf(t, delta); };
    double low = -1;
    double high = 1;
    while (cdf(low) > probability && low > -1e9) low *= 2;
    while (cdf(high) < probability && high < 1e9) high *= 2;
    return bisect(cdf, low, high, probability);
}

double tolerance_factor(int n, Fraction coverage, Fraction confidence) {
    const double root = std::sqrt(static_cast<double>(n));
    const double delta = normal_quantile(coverage.value) * root;
    return noncentral_t_quantile(confidence.value, n - 1, delta) / root;
}

double prediction_factor(int n, Fraction risk) {
    return noncentral_t_quantile(1 - risk.value, n - 1, 0) * std::sqrt(1 + 1.0 / n);
}

int covering_rank(int n, Fraction coverage, Fraction confidence) {
    const double odds = coverage.value / (1 - coverage.value);
    double log_term = n * std::log1p(-coverage.value);  // of no value below the quantile
    double cumulated = 0;
    for (int below = 0; below < n; ++below) {
        cumulated += std::exp(log_term);
        if (cumulated >= confidence.value) return below + 1;
        log_term += std::log(odds * (n - below) / (below + 1));
    }
    return n + 1;
}

Fraction confidence_of_largest(int n, Fraction coverage) {
    return {1 - std::pow(coverage.value, n)};
}

int samples_to_cover(Fraction coverage, Fraction confidence) {
    const double exact = std::log1p(-confidence.value) / std::log(coverage.value);
    return std::max(1, static_cast<int>(std::ceil(exact - 1e-9)));
}

namespace {

/// Chance that a random permutation of n has at most `inversions` inversions.
double inversions_at_most(int n, int inversions) {
    std::vector<double> share{1.0};
    for (int size = 2; size <= n; ++size) {
        std::vector<double> next(share.size() + static_cast<std::size_t>(size) - 1, 0.0);
        for (std::size_t i = 0; i < share.size(); ++i) {
            for (std::size_t added = 0; added < static_cast<std::size_t>(size); ++added) {
                next[i + added] += share[i] / size;
            }
        }
        share = std::move(next);
    }
    double sum = 0;
    for (std::size_t i = 0; i < share.size() && i <= static_cast<std::size_t>(inversions); ++i) {
        sum += share[i];
    }
    return sum;
}

struct Ties {
    double pairs = 0;     ///< sum of t (t - 1) / 2
    double triples = 0;   ///< sum of t (t - 1) (t - 2)
    double variance = 0;  ///< sum of t (t - 1) (2 t + 5)
};

Ties ties_in(std::span<const double> values) {
    std::map<double, double> counts;
    for (double value : values) counts[value] += 1;
    Ties ties;
    for (const auto& [value, t] : counts) {
        ties.pairs += t * (t - 1) / 2;
        ties.triples += t * (t - 1) * (t - 2);
        ties.variance += t * (t - 1) * (2 * t + 5);
    }
    return ties;
}

double normal_p_value(double n, double score, const Ties& x, const Ties& y) {
    double variance = (n * (n - 1) * (2 * n + 5) - x.variance - y.variance) / 18 +
                      4 * x.pairs * y.pairs / (2 * n * (n - 1));
    if (n > 2) variance += x.triples * y.triples / (9 * n * (n - 1) * (n - 2));
    if (variance <= 0) return 1;
    return normal_cdf(-(score - 1) / std::sqrt(variance));  // 1: continuity
}

}  // namespace

Concordance kendall(std::span<const double> x, std::span<const double> y) {
    constexpr std::size_t kExactPairs = 12;
    const std::size_t n = x.size();
    std::int64_t score = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            const std::int64_t dx = (x[i] < x[j]) - (x[j] < x[i]);
            const std::int64_t dy = (y[i] < y[j]) - (y[j] < y[i]);
            score += dx * dy;
        }
    }
    const Ties in_x = ties_in(x);
    const Ties in_y = ties_in(y);
    const double all = static_cast<double>(n) * (static_cast<double>(n) - 1) / 2;
    const double scale = std::sqrt((all - in_x.pairs) * (all - in_y.pairs));
    if (scale <= 0) return {};
    const double total = static_cast<double>(score);
    if (n <= kExactPairs && in_x.pairs == 0 && in_y.pairs == 0) {
        const int inversions = static_cast<int>((all - total) / 2);
        return {total / scale, inversions_at_most(static_cast<int>(n), inversions)};
    }
    return {total / scale, normal_p_value(static_cast<double>(n), total, in_x, in_y)};
}

}  // namespace amorsize
