#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "advisor/core/random.hpp"

namespace amorsize {

// What the times of all items may be, given those of n: one more falls into each of the n + 1 gaps
// between and beside them with the same chance (Hill 1968, A(n)), so the shares of the gaps are
// Dirichlet (1, ..., 1): a Bayesian bootstrap (Rubin 1981) that does not end at the largest seen.
// Within a gap times are even on the logarithmic scale. Beyond the outermost they fall off as a
// lognormal or as a Pareto law, each as often as the sample speaks for it (Berger, Pericchi and
// Varshavsky 1998), with a deviation or an index that is drawn as uncertain as few values leave
// it. Assumption: no kind of item is missing from the sample; what that costs is in
// time_promise.hpp. Tests: tests/property/core/item_times_test.cpp, makespan_test.cpp.

/// What the mean of n resampled values must be drawn apart by, in its logarithm and beyond once, to
/// scatter as the error of a mean of n does: resampling understates it by sqrt((n - 1) / n) and has
/// no heavier tail than a normal (t over normal at 95 %: 1.30 for n = 5, 2.13 / 1.64).
double widening(std::size_t n);

/// How times fall off beyond the longest seen.
struct TimesTail {
    double fall = 0;       ///< Pareto's: the inverse of its index; 0: the tail is a lognormal's
    double deviation = 0;  ///< of the lognormal's logarithms; 0: there is nothing beyond
    double above = 0;      ///< share of a lognormal's times that exceed the longest seen

    /// The time that a share `rest` of those beyond exceeds, over the longest seen. No slower than
    /// a Pareto law of index 1: beyond it no mean exists.
    double factor(double rest) const;
};

/// The quantiles of one drawing. Refers to the logarithms.
class TimeQuantiles {
public:
    /// `logarithms` of the times seen, ascending; `gaps` between and beside them, by their shares.
    TimeQuantiles(std::span<const double> logarithms, const std::vector<double>& gaps,
                  const TimesTail& tail);
    /// The time that a share of the list, from 0 to 1, does not exceed.
    double at(double share) const;
    void scale(double factor) { scale_ *= factor; }

private:
    std::span<const double> logs_;
    std::vector<double> ends_;  ///< of the gaps
    TimesTail tail_;
    double scale_ = 1;
};

/// One drawing of what the times of the whole list may be.
struct DrawnTimes {
    std::vector<double> times;  ///< ascending, one anywhere in each of equal shares of the list
    TimeQuantiles quantiles;
};

class ItemTimes {
public:
    /// `sorted`: two or more, ascending.
    explicit ItemTimes(const std::vector<double>& sorted);

    /// Shares of the gaps and the tail are drawn, and the whole is scaled so that its mean scatters
    /// as Student's error has it. Refers to this object.
    DrawnTimes draw(Random&) const&;
    DrawnTimes draw(Random&) const&& = delete;

private:
    TimesTail draw_tail(Random&) const;

    std::vector<double> logs_;
    double chance_of_pareto_;
    double longest_;
    double expected_;  ///< mean of the times up to the longest, with every gap and the tail as
                       ///< expected
};

}  // namespace amorsize
