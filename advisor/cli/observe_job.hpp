#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/cli/surroundings.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/kept_item.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/io/items.hpp"

namespace amorsize::cli {

/// What came of running a sample here.
struct Observation {
    JobProfile profile;
    std::vector<KeptItem> kept;      ///< sample.reuse
    std::vector<std::string> notes;  ///< for the reader
};

/// Runs a sample of the job on this machine (`here`), with a progress line on a terminal. Stops
/// early once it costs more than a share of what the advice for `cluster` would save: at once where
/// that advice is "serial" and would stay so if items took several times as long, or once the items
/// are as `expected` of earlier runs. Throws Error.
Observation observe_job(const Manifest&, const Cluster& cluster, const ItemList&,
                        const NodeClass& here, std::uint64_t seed,
                        const std::optional<Expectation>& expected, const Surroundings&);

}  // namespace amorsize::cli
