#pragma once

#include <optional>
#include <vector>

#include "advisor/core/job_case.hpp"

namespace amorsize {

/// The items one after another on one core, without any launch: one worker that starts up once.
Seconds serial_time(const Workload&);

/// Every layout worth comparing on any of the offers.
std::vector<Candidate> all_candidates(const JobCase&);

/// The best candidate by the job's goal; nothing where there is none. Among those that the
/// prediction cannot tell from the best (5 %, 50 ms, and for the time whatever the difference of
/// two assumed starts makes) the one with the fewest core hours, or one whose ranks keep to NUMA
/// domains and that costs little more.
///   time        the shortest wall time
///   cost        the fewest core hours, then the shortest wall time
///   turnaround  the shortest wall time; the wait in the queue is added by who can ask Slurm
const Candidate* select_best(const std::vector<Candidate>&, Goal);

/// The longest item known where this candidate runs it; of given times the mean, for their tail is
/// assumed.
Seconds longest_item(const JobCase&, const Candidate&);

/// The candidates whose longest item ends within the time allowed; all where no time is known.
std::vector<Candidate> items_in_time(const JobCase&, std::vector<Candidate>);

/// Whether the expected wall time is within what the offer allows.
bool ends_in_time(const Candidate&);

/// The candidates that end in time; all of them if none does.
std::vector<Candidate> in_time(const std::vector<Candidate>&);

/// The few best by the formula and the best of several node counts, of those that end in time if
/// any does, judged again by simulation: returns them with the simulated wall time.
std::vector<Candidate> shortlist(const JobCase&, const std::vector<Candidate>&);

/// The candidate with the simulation's mean wall time in place of the formula's.
Candidate simulated(const JobCase&, Candidate);

/// Whether a parallel candidate saves enough over running serially: 5 % and 50 ms, less than which
/// is neither seen by a user nor sure in the prediction.
bool worth_it(const Candidate&, Seconds serial);

/// The same wall time from fewer workers per node: with N items in w waves, ceil(N / w) workers are
/// enough. Only if that frees a tenth of the cores. Takes and returns a simulated candidate.
Candidate drop_idle_workers(const JobCase&, const Candidate&);

}  // namespace amorsize
