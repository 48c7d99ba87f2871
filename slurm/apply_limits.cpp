#include "slurm/apply_limits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <climits>
#include <string>
#include <vector>

#include "advisor/core/error.hpp"

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
    void tighten(const Bounds& other) {
        nodes.tighten(other.nodes.value, other.nodes.source);
        time.tighten(other.time.value, other.time.source);
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

const QosLimits* find_qos(const ClusterFacts& facts, const std::string& name) {
    const auto found = std::find_if(facts.qos.begin(), facts.qos.end(),
                                    [&](const QosLimits& one) { return one.name == name; });
    return found == facts.qos.end() ? nullptr : &*found;
}

Bounds of_qos(const QosLimits* qos) {
    Bounds bounds;
    if (qos == nullptr) return bounds;
    for (const ResourceLimits& limits : {qos->per_job, qos->per_user, qos->all_jobs}) {
        bounds.tighten(limits, "QoS " + qos->name);
    }
    return bounds;
}

/// Of what both limit, what the first says.
Bounds first_of(const Bounds& first, const Bounds& second) {
    return {first.nodes.value ? first.nodes : second.nodes,
            first.time.value ? first.time : second.time};
}

/// A partition's quality of service goes before the job's, unless that one says otherwise.
Bounds of_both(const QosLimits* job, const QosLimits* partition) {
    return job != nullptr && job->goes_before_partition ? first_of(of_qos(job), of_qos(partition))
                                                        : first_of(of_qos(partition), of_qos(job));
}

void require_least(Partition& partition, const QosLimits* qos) {
    if (qos == nullptr || qos->least_nodes.value_or(1) <= partition.min_nodes.value_or(1)) return;
    partition.min_nodes = qos->least_nodes;
    partition.node_minimum_source = "QoS " + qos->name;
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
    const QosLimits* of_job = find_qos(facts, qos_of(facts, limits));
    for (std::size_t i = 0; i < cluster.partitions.size(); ++i) {
        Partition& partition = cluster.partitions[i];
        const QosLimits* of_partition = find_qos(facts, facts.partitions[i].qos);
        Bounds bounds = of_accounts(facts, limits, partition.name);
        bounds.tighten(of_both(of_job, of_partition));
        for (const QosLimits* qos : {of_job, of_partition}) require_least(partition, qos);
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

void require_open_partition(const ClusterFacts& facts, const std::optional<std::string>& asked) {
    const auto closed = std::find_if(
        facts.closed.begin(), facts.closed.end(),
        [&](const ClosedPartition& one) { return asked ? one.name == *asked : one.is_default; });
    if (closed == facts.closed.end()) return;
    std::vector<std::string> open;
    for (const Partition& partition : facts.cluster.partitions) open.push_back(partition.name);
    throw Error(ExitCode::environment,
                fmt::format("{} {} is {}: it takes no jobs now",
                            asked ? "limits.partition:" : "the default partition", closed->name,
                            closed->state),
                open.empty() ? "no partition of the cluster is up; plan from a saved profile with "
                               "--cluster FILE"
                             : fmt::format("choose one that is up with --partition ({}), or wait",
                                           fmt::join(open, ", ")));
}

}  // namespace amorsize::slurm
