#pragma once

#include <string>
#include <vector>

namespace amorsize::cli {

/// A node class that the plan may use, as far as it matters for whom to visit.
struct VisitClass {
    std::string name;
    bool measured = false;          ///< its figures are known
    std::vector<std::string> idle;  ///< its nodes in the partition that are free at once
};

/// Nodes to take for a probe.
struct VisitPlan {
    std::vector<std::string> nodes;     ///< by name; empty: any one of the first class
    std::vector<std::string> left_out;  ///< "class c: none of its nodes is idle"
};

/// One node of each class that is not known yet, besides one of the first, where the sample runs;
/// with `again` of every class, and of the first several, so that the launch cost can be fitted
/// over node counts. Only idle nodes are named, lest a sample wait for a certain node to be free;
/// and no more than eight in all, or `most`: who asks about a cluster of many classes must not hold
/// a node of each.
VisitPlan plan_visit(const std::vector<VisitClass>& classes, bool again, int most);

}  // namespace amorsize::cli
