#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/cross_bandwidth.hpp"
#include "advisor/core/host_list.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// What nodes of one class are compared by. Units: bytes, seconds, bytes per second, ratios,
/// counts.
enum class NodeFigure {
    installed_memory,
    usable_memory,        ///< what a job may take now
    exec,                 ///< SpawnCost::exec
    fork_per_gib,         ///< SpawnCost::fork_per_gib
    thread,               ///< SpawnCost::thread
    one_core_bandwidth,   ///< DomainBandwidth::one_core
    saturated_bandwidth,  ///< DomainBandwidth::saturated
    saturating_cores,     ///< DomainBandwidth::saturating_cores
    smt_yield,
    core_rate,       ///< steps a second of one core alone: means something only beside another's
    all_core_speed,  ///< a core's speed with all busy, over one alone
    measuring        ///< the time the node took to measure itself
};
inline constexpr int kNodeFigures = 12;

/// A figure and the node it was found on.
struct HostValue {
    double value = 0;
    std::string host;
    std::string note;  ///< what explains it: the limit that holds a node's memory down
    friend auto operator<=>(const HostValue&, const HostValue&) = default;
};

/// One figure over any number of nodes, in bounded space: the nodes at both ends by name, all
/// others counted in bins of half a per cent. Adding is associative and commutative, so that nodes
/// can be summed up in any order and grouping with the same result.
class FigureSummary {
public:
    /// How many nodes are named at each end.
    static constexpr std::size_t kNamed = 8;

    void add(const HostValue&);
    void add(const FigureSummary&);

    std::int64_t count() const;
    bool empty() const { return bins_.empty(); }
    /// Exact for up to 15 nodes, beyond that within a quarter of a per cent. There must be one.
    double median() const;
    /// Median distance from the median; the robust counterpart of a standard deviation.
    double median_deviation() const;
    /// How many lie below (above) a value, by their bins.
    std::int64_t count_below(double value) const;
    std::int64_t count_above(double value) const;
    const std::vector<HostValue>& lowest() const { return lowest_; }    ///< ascending
    const std::vector<HostValue>& highest() const { return highest_; }  ///< descending

    using Bins = std::map<int, std::int64_t>;
    const Bins& bins() const { return bins_; }
    /// From what the three above gave.
    static FigureSummary restored(Bins, std::vector<HostValue> lowest,
                                  std::vector<HostValue> highest);

    friend bool operator==(const FigureSummary&, const FigureSummary&) = default;

private:
    double at_rank(std::int64_t index) const;

    Bins bins_;  ///< nodes by bin
    std::vector<HostValue> lowest_;
    std::vector<HostValue> highest_;
};

/// Remarks and how many nodes made each; the first few by the alphabet, so that space is bounded.
class Remarks {
public:
    static constexpr std::size_t kMost = 12;

    void add(const std::string& text, std::int64_t nodes = 1);
    void add(const Remarks&);
    const std::map<std::string, std::int64_t>& counts() const { return counts_; }
    friend bool operator==(const Remarks&, const Remarks&) = default;

private:
    std::map<std::string, std::int64_t> counts_;
};

/// Nodes whose facts are equal: processor, shape, installed memory, kernel, and the part a job may
/// use.
struct NodeGroup {
    std::string hardware;  ///< measure::hardware_key()
    std::string usable;    ///< shape of what may be used
    std::string family;    ///< hardware without memory and kernel: where a missing DIMM still shows
    std::string described;  ///< "2 packages, 8 NUMA domains, 128 cores, 256 threads"
    int hardware_threads = 0;
    int gpus = 0;
    HostList hosts;
    std::string sample_host;               ///< the first by name; its topology stands for all
    std::string topology_xml;              ///< hwloc XML of the sample host, with its bandwidth
    Bytes memory;                          ///< the least any of the nodes may use
    std::vector<Bytes> memory_per_domain;  ///< likewise by domain; empty if one did not say
    std::array<FigureSummary, kNodeFigures> figures;
    FigureSpreads spread;                         ///< the widest that a node found measuring itself
    std::vector<CrossBandwidth> cross_bandwidth;  ///< of the sample host; empty with one NUMA node
    Remarks remarks;                              ///< "smt_yield not measured: one thread a core"

    FigureSummary& figure(NodeFigure which) { return figures[static_cast<std::size_t>(which)]; }
    const FigureSummary& figure(NodeFigure which) const {
        return figures[static_cast<std::size_t>(which)];
    }
    friend bool operator==(const NodeGroup&, const NodeGroup&) = default;
};

/// What is known of any number of nodes, folded into groups. fold() is associative and
/// commutative: a tree of ranks, a folder of reports and a loop give the same survey.
struct NodeSurvey {
    std::map<std::string, NodeGroup> groups;  ///< by hardware and usable shape
    HostList ranks;                           ///< numbers of those that reported, among those asked
    Remarks troubles;  ///< "n3: ...": what nodes could not do of what was asked

    friend bool operator==(const NodeSurvey&, const NodeSurvey&) = default;
};

NodeSurvey survey_of(NodeGroup one_node);
/// The nodes of both. Costs time by the size of `more`, not of `survey`.
NodeSurvey fold(NodeSurvey survey, NodeSurvey more);

std::int64_t node_count(const NodeSurvey&);
HostList hosts_of(const NodeSurvey&);

}  // namespace amorsize
