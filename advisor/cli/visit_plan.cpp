#include "advisor/cli/visit_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amorsize::cli {

namespace {

constexpr int kMostNodes = 8;
constexpr int kForLaunches = 4;  // 1, 2 and 4 nodes tell a launch's terms apart

}  // namespace

VisitPlan plan_visit(const std::vector<VisitClass>& classes, bool again, int most) {
    VisitPlan plan;
    most = std::min(most, kMostNodes);
    const VisitClass& first = classes.front();
    if (!first.idle.empty()) plan.nodes.push_back(first.idle.front());
    for (auto one = classes.begin() + 1; one != classes.end(); ++one) {
        if (one->measured && !again) continue;
        const char* why = one->idle.empty()    ? "none of its nodes is idle"
                          : first.idle.empty() ? "no node of the first class is idle beside it"
                                               : "so many nodes at once are not taken";
        if (!one->idle.empty() && !first.idle.empty() &&
            static_cast<int>(plan.nodes.size()) < most) {
            plan.nodes.push_back(one->idle.front());
        } else {
            plan.left_out.push_back(fmt::format("class {}: {}", one->name, why));
        }
    }
    for (std::size_t i = 1; again && i < first.idle.size(); ++i) {
        if (static_cast<int>(plan.nodes.size()) >= std::min(most, kForLaunches)) break;
        plan.nodes.push_back(first.idle[i]);
    }
    if (plan.nodes.size() == 1) plan.nodes.clear();
    return plan;
}

}  // namespace amorsize::cli
