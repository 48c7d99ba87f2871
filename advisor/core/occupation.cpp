#include "advisor/core/occupation.hpp"

#include <algorithm>
#include <numeric>

namespace amorsize {

namespace {

int cores_per_rank(const Plan& plan) {
    const int threads = std::max(1, plan.layout.threads_per_core);
    return (plan.request.cpus_per_task + threads - 1) / threads;
}

/// Returns whether that is where the rank will be.
bool settle(std::vector<DomainUse>& uses, const Topology& topology, const RankPlan& rank,
            int cores) {
    std::vector<int> domains = rank.domains;
    if (domains.empty()) {
        domains.resize(uses.size());
        std::iota(domains.begin(), domains.end(), 0);
    }
    for (const int domain : domains) {
        DomainUse& use = uses[static_cast<std::size_t>(domain)];
        const int taken = std::min(cores, cores_of_domain(topology, domain) - use.cores);
        if (taken <= 0) continue;
        use.ranks.push_back(rank.rank);
        use.cores += taken;
        cores -= taken;
    }
    return domains.size() == 1;
}

}  // namespace

Occupation occupation_of(const Topology& topology, const Plan& plan) {
    const auto all = static_cast<int>(topology.cores.size());
    Occupation found;
    found.domains.resize(topology.domains.size());
    found.ranks = plan.layout.ranks_per_node;
    found.cores = std::min(all, cores_per_rank(plan) * found.ranks);
    for (int i = 0; i < found.ranks; ++i) {
        const RankPlan& rank = plan.ranks[static_cast<std::size_t>(i)];
        found.placed &= settle(found.domains, topology, rank, cores_per_rank(plan));
    }
    found.placed |= found.cores == all;
    return found;
}

}  // namespace amorsize
