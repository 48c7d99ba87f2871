#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/occupation.hpp"
#include "advisor/core/outlook.hpp"

namespace amorsize::cli {

// What the pictures of an advice show, however they are drawn.

/// The memory of a node of the first kind planned for.
struct ShownMemory {
    Bytes node;
    Bytes usable;                ///< without the headroom
    Bytes taken;                 ///< expected use of the plan; without a plan, of one worker
    std::optional<Bytes> asked;  ///< by the plan
    std::string taken_words;     ///< "expected: 12 GiB, 3 GiB a worker"
    std::string asked_words;     ///< "asked for: 15 GiB"; empty without a plan
    std::string usable_words;    ///< "51.2 GiB of 64 GiB, 20 % kept free"
    std::string room_words;      ///< "17 workers would fit"
};
/// Nothing where no figure of a worker's memory is known.
std::optional<ShownMemory> shown_memory(const Outlook&, const Advice&, const Manifest&);

/// Samples whose times lie close together.
struct SampleBin {
    int alone = 0;
    int beside = 0;  ///< of others, side by side

    int all() const { return alone + beside; }
};

/// The times of the samples.
struct ShownSamples {
    std::vector<const Sample*> samples;  ///< those alone first
    std::vector<double> alone;           ///< seconds, ascending
    double least = 0;                    ///< seconds, of all
    double most = 0;
    std::string counts_words;  ///< "5 alone, 8 side by side"

    /// 0 at the least, 1 at the most.
    double position(double seconds) const;
    /// 0 for the least, `bins` - 1 for the most.
    int bin_of(const Sample&, int bins) const;
    std::vector<SampleBin> binned(int bins) const;
};
/// Nothing where no item ran alone.
std::optional<ShownSamples> shown_samples(const JobProfile&);

/// "2 ranks on 16 of 16 cores"; without a plan "16 cores in 2 NUMA domains".
std::string node_words(const Topology&, const std::optional<Occupation>&);

}  // namespace amorsize::cli
