#pragma once

#include <cstdint>

#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"
#include "tests/bench/regret/arena.hpp"

// All that the advisor learns of a simulated job: the manifest, what a probe measures, and a sample
// taken as amorsize-advise takes it.
namespace amorsize::arena {

Manifest manifest_of(const Job&);
Cluster cluster_of(const Machine&);

/// `alone` items one after another, spread over the list, then rounds side by side on all cores of
/// one node, wider for items that wait while that helps: each item with the company it had. The
/// profile's cost is the time that took.
JobProfile observe(const Machine&, const Job&, const Realisation&, int alone, std::uint64_t seed);

/// The same without the rounds.
JobProfile observe_alone(const Machine&, const Job&, const Realisation&, int alone,
                         std::uint64_t seed);

}  // namespace amorsize::arena
