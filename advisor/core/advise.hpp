#pragma once

#include <cstdint>

#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize {

/// The decision: which layout, chunks and request serve this job best on this cluster, and why.
/// Pure: the same arguments give the same advice. `seed` drives the bootstrap of the samples.
Advice advise(const Manifest&, const Cluster&, const JobProfile&, std::uint64_t seed = 0);

}  // namespace amorsize
