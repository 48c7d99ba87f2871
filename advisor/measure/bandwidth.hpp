#pragma once

#include <optional>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/cross_bandwidth.hpp"
#include "advisor/core/topology.hpp"
#include "advisor/measure/measured.hpp"
#include "advisor/measure/usable_memory.hpp"

namespace amorsize::measure {

struct BandwidthPoint {
    int cores = 1;
    Measured<BytesPerSecond> rate;  ///< of all of them together
};

/// Triad bandwidth of one NUMA domain's cores on its own memory.
struct BandwidthCurve {
    int domain = 0;                      ///< index into Topology::domains
    std::vector<BandwidthPoint> points;  ///< from one core to all; a handful of counts
    int cores_at_90 = 1;  ///< fewest cores that reach 90 % of the best (interpolated)

    const Measured<BytesPerSecond>& one_core() const { return points.front().rate; }
    /// The best of the points.
    const Measured<BytesPerSecond>& saturated() const;
};

struct BandwidthReport {
    std::vector<BandwidthCurve>
        curves;  ///< by domain; a domain that could not be measured is missing
    std::vector<CrossBandwidth> matrix;  ///< empty with one NUMA node: the curve says it all
    Bytes array;                         ///< size of each of the three arrays, for the first domain
    std::vector<Unmeasured> unmeasured;
};

/// Size of each of triad's three arrays: 4 times the last-level cache as STREAM asks and at least
/// 32 MiB, or what can be swept in the time there is (`affordable`) but together at least twice the
/// cache; in any case at most `most`. Nothing if the three together would then not be twice the
/// cache.
std::optional<Bytes> triad_array_size(Bytes last_level_cache, Bytes most, Bytes affordable);

/// How many cores to measure with, of so many: 1, some between and all; ascending.
std::vector<int> core_counts(int cores);

/// The fewest cores, interpolated between the points and rounded up, that reach 90 % of the best
/// point.
int cores_at_90_percent(const std::vector<BandwidthPoint>&);

/// Measures within about `budget`. Threads are pinned one to a core, spread over the domain; memory
/// is bound to the node and touched there first, and where the kernel tells, it is checked that it
/// is there. The three arrays together take at most 3/8 of the memory available on the node. What
/// does not fit the memory or the budget is named in `unmeasured`. Throws Error (environment) if
/// threads cannot be started or pinned.
BandwidthReport measure_bandwidth(const Topology& usable, const UsableMemory&, Seconds budget);

/// The model's figures: the median over the domains.
std::optional<DomainBandwidth> bandwidth_per_numa(const BandwidthReport&);

}  // namespace amorsize::measure
