#pragma once

#include <cstdint>
#include <span>

namespace amorsize {

double mean(std::span<const double> values);
/// With n - 1 in the denominator; 0 for fewer than two values.
double standard_deviation(std::span<const double> values);
/// Linear interpolation between order statistics (Hyndman and Fan, type 7). `sorted` must be
/// ascending.
double quantile(std::span<const double> sorted, double share);
/// The standard normal quantile function (Acklam's rational approximation, relative error
/// below 1.2e-9).
double normal_quantile(double share);
/// Expected largest of `draws` independent lognormal values with this mean and coefficient of
/// variation, by Blom's approximation of the expected normal order statistic.
double expected_largest(double mean, double cv, double draws);

}  // namespace amorsize
