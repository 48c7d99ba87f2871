#include "advisor/measure/bandwidth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "advisor/measure/bandwidth_kernel.hpp"
#include "advisor/measure/bandwidth_memory.hpp"
#include "advisor/measure/pinned_threads.hpp"

namespace amorsize::measure {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Bytes kAssumedCache{32 * kMiB.value};
constexpr int kFewestSweeps = 3;
constexpr Bytes kLargestArray{1536 * kMiB.value};

// Progress through the budget: how much of it is left for what is still to be done.
class Budget {
public:
    explicit Budget(Seconds whole) : whole_(whole) {}
    Seconds left() const { return std::max(whole_ - since(start_), Seconds{0}); }
    bool is_spent() const { return left().value == 0; }

private:
    Seconds whole_;
    Clock::time_point start_ = Clock::now();
};

std::vector<int> pus_of_domain(const Topology& topology, int domain) {
    std::vector<int> pus;
    for (const Core& core : topology.cores) {
        if (core.domain == domain) pus.push_back(core.pus.front());
    }
    return pus;
}

// Neighbours in the list share a cache and often a memory link: take them evenly from it.
std::vector<int> spread(const std::vector<int>& pus, int count) {
    std::vector<int> chosen;
    chosen.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        chosen.push_back(
            pus[static_cast<std::size_t>(i) * pus.size() / static_cast<std::size_t>(count)]);
    }
    return chosen;
}

Bytes most_per_array(const UsableMemory& memory, int memory_node) {
    return std::min(available_on(memory, memory_node).value_or(memory.available) / 8,
                    kLargestArray);
}

// What one core of a modest machine sweeps often enough for a median.
Bytes affordable(Seconds time) {
    constexpr double kModestRate = 5e9;
    return Bytes{static_cast<std::int64_t>(time.value * kModestRate / (3 * kFewestSweeps))};
}

Bytes one_cache(const Topology& topology) {
    return topology.l3_size.value > 0 ? topology.l3_size : kAssumedCache;
}

Measured<BytesPerSecond> triad_rate(const TriadArrays& arrays, const std::vector<int>& pus,
                                    Seconds budget) {
    const std::size_t threads = pus.size();
    const auto sweep = [&](std::size_t thread) {
        const std::size_t begin = arrays.elements() * thread / threads;
        const std::size_t end = arrays.elements() * (thread + 1) / threads;
        triad(arrays.array(0) + begin, arrays.array(1) + begin, arrays.array(2) + begin, 3.0,
              end - begin);
    };
    const double bytes = 3.0 * sizeof(double) * static_cast<double>(arrays.elements());
    std::vector<double> rates;
    for (Seconds seconds : timed_rounds(pus, {kFewestSweeps, 15, budget}, sweep)) {
        rates.push_back(bytes / std::max(seconds.value, 1e-9));
    }
    return summarise<BytesPerSecond>(rates);
}

std::string mebibytes(Bytes size) {
    return fmt::format("{} MiB", size.value / kMiB.value);
}

std::string no_room(Bytes cache, Bytes most) {
    return fmt::format("three arrays of {} would not exceed the cache of {}", mebibytes(most),
                       mebibytes(cache));
}

std::string bandwidth_of(int memory_node) {
    return fmt::format("bandwidth of NUMA node {}", memory_node);
}

// Pages elsewhere make it the figure of another node.
bool is_placed(const TriadArrays& arrays, int memory_node, BandwidthReport& report) {
    if (arrays.placement() != Placement::elsewhere) return true;
    report.unmeasured.push_back(
        {bandwidth_of(memory_node), "the kernel put the memory on another node"});
    return false;
}

void measure_curve(const Topology& topology, const UsableMemory& memory, int domain,
                   const Budget& budget, double share, BandwidthReport& report) {
    const int node = topology.domains[static_cast<std::size_t>(domain)].os_index;
    const Bytes cache = one_cache(topology) * l3_caches_of_domain(topology, domain);
    const Bytes most = most_per_array(memory, node);
    const Seconds allowed = budget.left() * share;
    const std::vector<int> pus = pus_of_domain(topology, domain);
    const std::vector<int> counts = core_counts(static_cast<int>(pus.size()));
    const double points = static_cast<double>(counts.size()) + 1;  // one for touching
    const std::optional<Bytes> size = triad_array_size(cache, most, affordable(allowed / points));
    if (!size) {
        report.unmeasured.push_back({bandwidth_of(node), no_room(cache, most)});
        return;
    }
    const TriadArrays arrays(*size, node, pus);
    if (!is_placed(arrays, node, report)) return;
    BandwidthCurve curve{domain, {}, 1};
    for (int count : counts) {
        const bool is_end = count == counts.front() || count == counts.back();
        if (!is_end && budget.is_spent()) continue;
        curve.points.push_back({count, triad_rate(arrays, spread(pus, count), allowed / points)});
    }
    curve.cores_at_90 = cores_at_90_percent(curve.points);
    if (report.curves.empty()) report.array = *size;
    report.curves.push_back(std::move(curve));
}

// From the first core of every domain to one node's memory.
void measure_column(const Topology& topology, const UsableMemory& memory, int node, Seconds allowed,
                    BandwidthReport& report) {
    const Bytes most = most_per_array(memory, node);
    const double domains = static_cast<double>(topology.domains.size());
    const Seconds each = allowed / (domains + 1);  // one for touching
    const std::optional<Bytes> size = triad_array_size(one_cache(topology), most, affordable(each));
    if (!size) {
        report.unmeasured.push_back({bandwidth_of(node), no_room(one_cache(topology), most)});
        return;
    }
    int home = 0;
    for (std::size_t i = 0; i < topology.domains.size(); ++i) {
        if (topology.domains[i].os_index == node) home = static_cast<int>(i);
    }
    const TriadArrays arrays(*size, node, pus_of_domain(topology, home));
    if (!is_placed(arrays, node, report)) return;
    for (std::size_t i = 0; i < topology.domains.size(); ++i) {
        const int domain = static_cast<int>(i);
        const std::vector<int> one{pus_of_domain(topology, domain).front()};
        const Measured<BytesPerSecond> rate = triad_rate(arrays, one, each);
        report.matrix.push_back({domain, node, rate.value, rate.spread});
    }
}

void measure_matrix(const Topology& topology, const UsableMemory& memory, const Budget& budget,
                    BandwidthReport& report) {
    std::vector<int> nodes;
    for (const NumaDomain& domain : topology.domains) nodes.push_back(domain.os_index);
    for (const NumaDomain& domain : topology.memory_only) nodes.push_back(domain.os_index);
    if (nodes.size() < 2) return;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (budget.is_spent()) {
            report.unmeasured.push_back({fmt::format("cross-NUMA bandwidth to {} of {} nodes",
                                                     nodes.size() - i, nodes.size()),
                                         "the time budget was used up"});
            return;
        }
        const double left = static_cast<double>(nodes.size() - i);
        measure_column(topology, memory, nodes[i], budget.left() / left, report);
    }
}

BytesPerSecond median_of(const BandwidthReport& report,
                         const Measured<BytesPerSecond>& (*figure)(const BandwidthCurve&)) {
    std::vector<double> values;
    for (const BandwidthCurve& curve : report.curves) values.push_back(figure(curve).value.value);
    return summarise<BytesPerSecond>(values).value;
}

/// Of the domains' saturation points; of an even number the upper.
int median_cores(const BandwidthReport& report) {
    std::vector<int> cores;
    for (const BandwidthCurve& curve : report.curves) cores.push_back(curve.cores_at_90);
    const auto middle = cores.begin() + static_cast<std::ptrdiff_t>(cores.size() / 2);
    std::nth_element(cores.begin(), middle, cores.end());
    return *middle;
}

}  // namespace

const Measured<BytesPerSecond>& BandwidthCurve::saturated() const {
    return std::max_element(points.begin(), points.end(),
                            [](const BandwidthPoint& a, const BandwidthPoint& b) {
                                return a.rate.value < b.rate.value;
                            })
        ->rate;
}

std::optional<Bytes> triad_array_size(Bytes last_level_cache, Bytes most, Bytes affordable) {
    const Bytes least = std::max({last_level_cache * (2.0 / 3) + Bytes{3}, kMiB});
    const Bytes wanted = std::max(last_level_cache * 4, 32 * kMiB);
    const Bytes size = std::max(std::min(wanted, affordable), least);
    if (most < least) return std::nullopt;
    return std::min(size, most);
}

std::vector<int> core_counts(int cores) {
    std::vector<int> counts{1, cores / 8, cores / 4, cores / 2, cores * 3 / 4, cores};
    std::sort(counts.begin(), counts.end());
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    if (counts.front() == 0) counts.erase(counts.begin());
    return counts;
}

int cores_at_90_percent(const std::vector<BandwidthPoint>& points) {
    double best = 0;
    for (const BandwidthPoint& point : points) best = std::max(best, point.rate.value.value);
    const double wanted = 0.9 * best;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double rate = points[i].rate.value.value;
        if (rate < wanted) continue;
        if (i == 0) return points[i].cores;
        const double below = points[i - 1].rate.value.value;
        const double fraction = (wanted - below) / (rate - below);
        const double cores =
            points[i - 1].cores + fraction * (points[i].cores - points[i - 1].cores);
        return static_cast<int>(std::ceil(cores - 1e-9));
    }
    return points.empty() ? 0 : points.back().cores;
}

BandwidthReport measure_bandwidth(const Topology& usable, const UsableMemory& memory,
                                  Seconds whole) {
    BandwidthReport report;
    const Budget budget(whole);
    const bool has_matrix = usable.domains.size() + usable.memory_only.size() > 1;
    const std::size_t domains = usable.domains.size();
    for (std::size_t i = 0; i < domains; ++i) {
        if (i > 0 && budget.is_spent()) {
            report.unmeasured.push_back(
                {fmt::format("bandwidth of {} of {} NUMA domains", domains - i, domains),
                 "the time budget was used up"});
            break;
        }
        const double left = static_cast<double>(domains - i) * (has_matrix ? 1.6 : 1.0);
        measure_curve(usable, memory, static_cast<int>(i), budget, 1 / left, report);
    }
    measure_matrix(usable, memory, budget, report);
    return report;
}

std::optional<DomainBandwidth> bandwidth_per_numa(const BandwidthReport& report) {
    if (report.curves.empty()) return std::nullopt;
    return DomainBandwidth{
        median_of(
            report, [](const BandwidthCurve& c) -> const auto& { return c.one_core(); }),
        median_of(
            report, [](const BandwidthCurve& c) -> const auto& { return c.saturated(); }),
        median_cores(report)};
}

}  // namespace amorsize::measure
