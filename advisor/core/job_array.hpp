#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize {

/// The job as an array of jobs of one node each: element e of E runs the items e, e + E, ..., so
/// that a trend along the list is in all of them. The plan is one element's, its prediction the
/// whole array's: the elements, as long as simulation says one takes, on as many nodes at once as
/// one job may have (whether Slurm grants an array more is not known), and before each 2 s for
/// Slurm to start it (assumed). Of four, two and one rounds of elements, as far as starts cost
/// less than 5 %, the best by the goal is taken, and the more where they are as good: shorter
/// elements fit into gaps of the queue. Nothing where the job cannot be one: without Slurm, for
/// `kind: mpi` and mode program, where item times are not known, with fewer than two elements, on
/// one node at a time unless asked for, or if no element would end within the time limit.
std::optional<Advice> advise_array(const Manifest&, const Cluster&, const JobProfile&,
                                   std::uint64_t seed);

/// The wall time of an array, from the start of its first element, if nodes become free one after
/// another: `waits` tells after how long a job of so many nodes would start, which is when that
/// many are free together. Nodes beyond the most asked about count as free as late as those.
WallTime wall_as_nodes_free_up(const ArrayPlan&, const std::map<int, Seconds>& waits);

/// What an array's plan predicts of one element.
Prediction predicted_of_element(const Plan& array);

/// The advice with the array beside it: among the alternatives, or in its place where the manifest
/// asks for it or it is better by more than kTellApart in what the goal is.
Advice beside_array(Advice job, const std::optional<Advice>& array, const Manifest&);

}  // namespace amorsize
