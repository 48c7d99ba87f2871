#pragma once

#include <vector>

#include "advisor/core/random.hpp"

namespace amorsize {

// What the times of all items may be, given those of n: one more falls into each of the n + 1 gaps
// between and beside them with the same chance (Hill 1968, A(n)), so the shares of the gaps are
// Dirichlet (1, ..., 1): a Bayesian bootstrap (Rubin 1981) that does not end at the largest seen.
// Within a gap times are even on the logarithmic scale; beyond the outermost they fall off as a
// Pareto tail, whose index is drawn from its posterior given the upper fifth (Hill 1975) and the
// sample's lognormal as the prior. Assumption: no kind of item is missing from the sample; what
// that costs is in time_promise.hpp. Tests: tests/property/core/item_times_test.cpp.

class ItemTimes {
public:
    /// `sorted`: two or more, ascending.
    explicit ItemTimes(const std::vector<double>& sorted);

    /// One drawing: ascending times that stand for the whole list. Shares of the gaps and the tail
    /// are drawn, and the whole is scaled to Student's error about the mean of the sample.
    std::vector<double> draw(Random&) const;

private:
    /// How slowly the longest times fall off: the inverse of a Pareto tail's index, and how many
    /// values it rests on.
    struct Tail {
        int values = 0;
        double fall = 0;
    };
    static Tail tail_of(const std::vector<double>& logs);

    std::vector<double> logs_;
    Tail tail_;
    double mean_;
    double longest_;
    double expected_;  ///< mean of the times up to the longest, with every gap and the tail as
                       ///< expected
};

}  // namespace amorsize
