#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize::cli {

/// How long the job would wait from now on; nothing if Slurm does not say or refuses it.
using QueueWait = std::function<std::optional<Seconds>(const Advice&)>;

/// Of `first`, the best layouts on fewer nodes and on other classes of nodes, and `array`, the one
/// that ends first, the wait before it counted. At most six are asked about. The others become the
/// alternatives, each with its wait. Without an answer for `first`, `first` as it is.
Advice soonest_end(Advice first, std::optional<Advice> array, const Manifest&, const Cluster&,
                   const JobProfile&, std::uint64_t seed, const QueueWait&);

}  // namespace amorsize::cli
