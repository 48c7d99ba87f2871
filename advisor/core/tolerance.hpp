#pragma once

#include <cstddef>
#include <span>

#include "advisor/core/units.hpp"

namespace amorsize {

/// P(T <= t) for T = (Z + delta) / sqrt(V / nu), Z standard normal and V chi-square with nu degrees
/// of freedom: the noncentral t distribution. Found as E[Phi(t sqrt(V / nu) - delta)] by Simpson's
/// rule over the density of sqrt(V / nu); absolute error below 1e-7 for nu >= 1. delta = 0 is
/// Student's t.
double noncentral_t_cdf(double t, double nu, double delta);

/// The t at which noncentral_t_cdf reaches `probability` (0 < probability < 1).
double noncentral_t_quantile(double probability, double nu, double delta);

/// k such that mean + k s of n normal values lies above a share `coverage` of the population with
/// the given confidence: k = t'_{n-1, z sqrt(n)}(confidence) / sqrt(n), z the coverage quantile of
/// the normal. Source: Hahn and Meeker, Statistical Intervals, 4.4; NIST/SEMATECH
/// e-Handbook 7.2.6.3. n >= 2.
double tolerance_factor(int n, Fraction coverage, Fraction confidence);

/// k such that one more normal value lies above mean + k s of n with chance `risk`, over both:
/// k = t_{n-1}(1 - risk) sqrt(1 + 1/n). Source: Hahn and Meeker, 4.7. n >= 2.
double prediction_factor(int n, Fraction risk);

/// The rank r (1 = smallest) of the smallest of n ordered values that lies above a share `coverage`
/// of any distribution with the given confidence, or n + 1 if not even the largest does. Smallest r
/// with P(Binomial(n, coverage) <= r - 1) >= confidence (Wilks 1941).
int covering_rank(int n, Fraction coverage, Fraction confidence);

/// Confidence that the largest of n values lies above a share `coverage` of any distribution: 1 -
/// coverage^n.
Fraction confidence_of_largest(int n, Fraction coverage);

/// The n from which the largest of n covers with the given confidence.
int samples_to_cover(Fraction coverage, Fraction confidence);

/// How two quantities rise together.
struct Concordance {
    double tau = 0;      ///< Kendall's tau-b, -1 to 1; 0 where either is constant
    double p_value = 1;  ///< chance of a tau at least this large if they were unrelated (one-sided)
};

/// Kendall's rank correlation. p is exact without ties up to 12 pairs (counting permutations by
/// inversions), else normal with the correction for ties (Kendall 1970). x and y have equal
/// lengths. O(n^2).
Concordance kendall(std::span<const double> x, std::span<const double> y);

}  // namespace amorsize
