#include "advisor/core/job_case.hpp"

namespace amorsize {

namespace {

constexpr double kAssumedItemSeconds = 1;

/// A node of the first offer, unless the sample says how many cores it ran on.
SharedCores sampled_on(const JobProfile& profile, const NodeOffer& first) {
    SharedCores cores = shared_cores(first);
    if (profile.sampled_cores > 0) cores.cores = profile.sampled_cores;
    return cores;
}

}  // namespace

std::optional<Source> source_of_times(const JobCase& job) {
    if (!job.work.times_known) return std::nullopt;
    return job.profile.samples.empty() ? Source::given : job.profile.source;
}

JobCase gather_case(const Manifest& manifest, const Cluster& cluster, const JobProfile& profile,
                    std::uint64_t seed, std::vector<NodeOffer> offers) {
    JobCase job{manifest, cluster,          profile, seed, plan_memory(manifest, profile, offers),
                {},       std::move(offers)};
    job.work = summarize(manifest, profile, job.memory.worker(), dispatch_cost(cluster),
                         sampled_on(profile, job.offers.front()));
    if (!job.work.times_known) {
        job.work.seconds = {kAssumedItemSeconds};
        job.work.mean_seconds = kAssumedItemSeconds;
        // More nodes may not pay; nothing says that they do.
        if (manifest.kind == JobKind::tasks)
            for (NodeOffer& offer : job.offers) offer.nodes_allowed = offer.nodes_least;
    }
    if (manifest.kind ==
        JobKind::mpi) {  // one program; ranks that wait for each other still hold their cores
        job.work.items = 1;
        job.work.waits = false;
        job.work.cpu_share = 1;
    }
    return job;
}

}  // namespace amorsize
