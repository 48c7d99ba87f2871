#pragma once

#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize {

/// The ways to run a job that are compared.
enum class Strategy {
    serial,      ///< one worker
    one_node,    ///< several workers (or ranks) on one node
    many_nodes,  ///< one job over several nodes
    job_array    ///< jobs of one node each, which share out the items
};
Strategy strategy_of(const Plan&);

/// The plans of an advice that nothing beats: its own, and every alternative that was allowed and
/// that no other plan betters in time or core hours without being worse in the other. The time is
/// the wall time, or with the wait in the queue where Slurm was asked about all of them. A plan
/// that betters the chosen one by less than kTellApart in both (of the time also kLeastSaving) is
/// not listed beside it. In the order of time. The pointers live as long as the advice.
std::vector<const Plan*> pareto_set(const Advice&);

/// Whether a plan betters the other, in the figure that the goal is about (core hours, or the time
/// with the wait in the queue where it is known), by more than kTellApart.
bool clearly_better(const Plan&, const Plan& than, Goal);

/// What is against a plan beside the one taken: that it is so much slower and dearer.
Reason against(Seconds slower, double dearer, Goal);
Reason against(const Plan& other, const Plan& taken, Goal);

/// Relative difference below which two predictions count as the same.
inline constexpr double kTellApart = 0.05;
/// A gain in time that no user sees is none.
inline constexpr Seconds kLeastSaving{0.05};

}  // namespace amorsize
