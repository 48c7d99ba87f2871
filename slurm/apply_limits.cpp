#include "slurm/apply_limits.hpp"

#include <algorithm>
#include <climits>
#include <string>

namespace amorsize::slurm {

namespace {

/// A limit and whose it is.
template <class T>
struct Bound {
    std::optional<T> value;
    std::string source;

    void tighten(const std::optional<T>& other, const std::string& whose) {
        if (!other || (value && *value <= *other)) return;
        value = other;
        source = whose;
    }
};

struct Bounds {
    Bound<int> nodes;
    Bound<Seconds> time;

    void tighten(const ResourceLimits& limits, const std::string& whose) {
        nodes.tighten(limits.nodes, whose);
        time.tighten(limits.wall, whose);
    }
};

bool concerns(const AccountLimits& account, const Limits& limits, const std::string& partition) {
    return (!limits.account || *limits.account == account.account) &&
           (account.partition.empty() || account.partition == partition);
}

Bounds of_account(const AccountLimits& account) {
    Bounds bounds;
    bounds.tighten(account.per_job, "account " + account.account);
    bounds.tighten(account.all_jobs, "account " + account.account);
    return bounds;
}

/// The loosest of those that may be meant.
template <class T>
const Bound<T>& looser(const Bound<T>& a, const Bound<T>& b) {
    if (!a.value || !b.value) return a.value ? b : a;
    return *a.value < *b.value ? b : a;
}

Bounds of_accounts(const ClusterFacts& facts, const Limits& limits, const std::string& partition) {
    std::optional<Bounds> loosest;
    for (const AccountLimits& account : facts.accounts) {
        if (!concerns(account, limits, partition)) continue;
        const Bounds own = of_account(account);
        loosest = loosest
                      ? Bounds{looser(loosest->nodes, own.nodes), looser(loosest->time, own.time)}
                      : own;
    }
    return loosest.value_or(Bounds{});
}

std::string qos_of(const ClusterFacts& facts, const Limits& limits) {
    if (limits.qos) return *limits.qos;
    std::string only;
    for (const AccountLimits& account : facts.accounts) {
        if (account.qos.size() != 1 || (!only.empty() && account.qos.front() != only)) return {};
        only = account.qos.front();
    }
    return only;
}

}  // namespace

Cluster within_limits(const ClusterFacts& facts, const Limits& limits) {
    Cluster cluster = facts.cluster;
    const std::string qos_name = qos_of(facts, limits);
    const auto qos = std::find_if(facts.qos.begin(), facts.qos.end(),
                                  [&](const QosLimits& one) { return one.name == qos_name; });
    for (Partition& partition : cluster.partitions) {
        Bounds bounds = of_accounts(facts, limits, partition.name);
        if (qos != facts.qos.end()) {
            for (const ResourceLimits& of_qos : {qos->per_job, qos->per_user, qos->all_jobs}) {
                bounds.tighten(of_qos, "QoS " + qos_name);
            }
        }
        if (bounds.nodes.value && bounds.nodes.value < partition.max_nodes.value_or(INT_MAX)) {
            partition.max_nodes = bounds.nodes.value;
            partition.node_limit_source = bounds.nodes.source;
        }
        if (bounds.time.value &&
            (!partition.max_time || *bounds.time.value < *partition.max_time)) {
            partition.max_time = bounds.time.value;
            partition.time_limit_source = bounds.time.source;
        }
    }
    return cluster;
}

}  // namespace amorsize::slurm
