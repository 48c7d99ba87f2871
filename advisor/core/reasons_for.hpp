#pragma once

#include <optional>
#include <vector>

#include "advisor/core/job_case.hpp"

namespace amorsize {

// Which reasons hold for a decision. What they say in words is explain.hpp's.

/// Every bound that no node of any offer meets.
std::vector<Reason> why_nothing_fits(const JobCase&);
/// The longest item alone breaks the time limit of each of these candidates.
Reason why_too_long(const JobCase&, const std::vector<Candidate>&);
/// `best` is what was selected, `chosen` the same without idle workers. Compared with the
/// alternatives that are printed, so that all figures agree.
std::vector<Reason> why_this_layout(const JobCase&, const std::vector<Candidate>& alternatives,
                                    const Candidate& best, const Candidate& chosen);
std::vector<Reason> why_serial(const JobCase&, const std::vector<Candidate>& alternatives,
                               const Candidate& serial);
/// What is against `other`, given what the plan taken is predicted to take.
Reason why_not(const JobCase&, const Prediction& taken, const Candidate& other);
/// Takes out the limits that the caller, not the manifest, put in to get a layout: they are no
/// reason for it.
void drop_own_limits(std::vector<Reason>&, const Manifest&);
/// Warnings: few samples, trends, what was not measured.
std::vector<Reason> what_to_know(const JobCase&, const Candidate& chosen);

}  // namespace amorsize
