#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "advisor/core/command_port.hpp"

namespace amorsize::slurm {

/// What `sbatch --test-only` says of a script.
struct Judgement {
    bool accepted = false;
    std::string start;    ///< when Slurm expects it to start, in the cluster's local time:
                          ///< "2026-11-21T08:37:43"
    std::string nodes;    ///< where, as Slurm writes host lists
    int processors = 0;   ///< CPUs it would get
    std::string message;  ///< Slurm's own words; the refusal if it was not accepted
};

/// Lets Slurm judge a script without submitting it. Throws Error(environment) if Slurm does not
/// answer; a refusal is a judgement too.
Judgement test_only(const CommandPort& run, const std::string& script);

/// Submits a script and returns the job's number. Throws Error(environment) with Slurm's refusal.
std::int64_t submit(const CommandPort& run, const std::string& script);

/// The judgement in what `sbatch --test-only` printed. Knows the wordings of 20.11 to 25.11: "Job N
/// to start at T using P processors on nodes L in partition Q", with " on cluster C" and a stray "
/// a" from 25.05 on.
Judgement parse_judgement(const CommandResult& result);

/// Time from `now` to `start`, both as Slurm writes local times ("2026-11-21T08:37:43"), 0 if it
/// has passed; nothing if one of them is not such a time. A change of daylight saving time between
/// them is not counted.
std::optional<Seconds> wait_between(const std::string& now, const std::string& start);

}  // namespace amorsize::slurm
