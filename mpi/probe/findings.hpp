#pragma once

#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/measured_cluster.hpp"
#include "advisor/core/probe_report.hpp"

namespace amorsize::probe {

/// The groups as named classes, the largest first: a, b, ... z, aa. Figures are medians;
/// core_speed, which compares classes, is relative to the first class and left out of a single one.
std::vector<FoundClass> found_classes(const NodeSurvey&);

/// Nodes that stand out of their class: less memory than others (by 10 %), slower cores or memory
/// (10 %), slower starts (50 %), and in any case by more than the scatter explains: three robust
/// standard deviations (1.4826 times the median distance from the median), or as many more as keep
/// a false alarm in a large class below 5 %. A class of one or two nodes has no usual figure to
/// stand out of. Memory missing from the machine makes a class of its own; if that has one node, or
/// an eighth of those of a sister class that differs in nothing else, it is named too.
std::vector<Outlier> find_outliers(const std::vector<FoundClass>&);

/// The report with these nodes in it, and those missing that were expected.
ProbeReport with_nodes(ProbeReport, const NodeSurvey&, const HostList& expected);

/// What handing a chunk to a rank of another node takes at least: the round trip of a short
/// message, by the middle one of the links. Nothing without links.
std::optional<Seconds> dispatch_cost(const NetworkReport&);

/// What amorsize-advise takes in of its own probe; `remarks` are warnings for people.
MeasuredCluster measured_cluster(const ProbeReport&, std::vector<std::string> remarks);

/// The profile of the contract: one partition with the nodes found. Topologies are named as
/// `topology_prefix` + class + ".xml".
Cluster profile_of(const ProbeReport&, const std::string& topology_prefix);

}  // namespace amorsize::probe
