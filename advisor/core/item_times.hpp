#pragma once

#include <vector>

#include "advisor/core/random.hpp"

namespace amorsize {

// What the times of all items may be, given those of n: one more falls into each of the n + 1 gaps
// between and beside them with the same chance (Hill 1968, A(n)), so the shares of the gaps are
// Dirichlet (1, ..., 1): a Bayesian bootstrap (Rubin 1981) that does not end at the largest seen.
// Within a gap times are even on the logarithmic scale. Beyond the outermost they fall off as a
// lognormal or as a Pareto law, each as often as the sample speaks for it (Berger, Pericchi and
// Varshavsky 1998), with a deviation or an index (Hill 1975) that is drawn as uncertain as few
// values leave it. Assumption: no kind of item is missing from the sample; what that costs is in
// time_promise.hpp. Tests: tests/property/core/item_times_test.cpp, makespan_test.cpp.

/// How times fall off beyond a quantile; with neither figure there is nothing beyond.
struct TimesTail {
    double fall = 0;       ///< Pareto's: the inverse of its index; 0: the tail is a lognormal's
    double deviation = 0;  ///< of the lognormal's logarithms
    double above = 1;      ///< share of a lognormal's times that exceed the quantile

    /// The time that a share `rest` of those beyond the quantile exceeds, over the quantile.
    double factor(double rest) const;
};

/// One drawing of what the times of the whole list may be.
struct DrawnTimes {
    std::vector<double> times;  ///< ascending, one for each of equal shares of the list
    double last_from = 0;       ///< where the last of these shares begins
    TimesTail tail;             ///< from there on
};

class ItemTimes {
public:
    /// `sorted`: two or more, ascending.
    explicit ItemTimes(const std::vector<double>& sorted);

    /// Shares of the gaps and the tail are drawn, and the whole is scaled to Student's error about
    /// the mean of the sample.
    DrawnTimes draw(Random&) const;

private:
    TimesTail draw_tail(Random&) const;

    std::vector<double> logs_;
    double chance_of_pareto_;
    double longest_;
    double expected_;  ///< mean of the times up to the longest, with every gap and the tail as
                       ///< expected
};

}  // namespace amorsize
