#pragma once

#include <cstdint>
#include <string>

#include "advisor/core/units.hpp"

namespace amorsize::slurm {

// Slurm's spellings, and the only place that knows them.

/// MiB that hold `size`, rounded up, never 0 (0 means "all of the node" to Slurm).
std::int64_t mebibytes(Bytes size);
/// "40960M": always an integer with its unit.
std::string memory(std::int64_t mib);
/// "HH:MM:SS" or "D-HH:MM:SS", rounded up to whole minutes.
std::string time_limit(Seconds limit);

}  // namespace amorsize::slurm
