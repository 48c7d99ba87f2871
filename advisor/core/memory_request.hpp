#pragma once

#include <optional>
#include <span>
#include <string>

#include "advisor/core/job_profile.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// What a memory request is to keep to.
struct MemoryGoal {
    Fraction risk{0.05};  ///< accepted chance that an item's peak lies above the request
    Fraction confidence{
        0.95};  ///< wanted of "covers 1 - risk of the items", without any assumption
    Fraction fit_confidence{
        0.80};  ///< the same, of the lognormal fit that few samples have to make do with
    std::optional<Bytes>
        input;  ///< the largest input to come, if known: the request follows input size
    std::optional<Bytes>
        most;  ///< what the roomiest node has for one worker: a fit beyond it is not believed
};

/// A request for one worker, and what it promises.
struct MemoryRequest {
    Bytes per_worker;
    Bytes base;  ///< of per_worker, what an empty input would take; 0 unless it follows input size
    Fraction coverage;    ///< share of the items it is to cover: 1 - the risk asked for
    Fraction confidence;  ///< that it does, if the assumption `method` names holds (none: of any
                          ///< distribution)
    Fraction risk;        ///< chance that one more item of the same kind exceeds it, whatever their
                          ///< distribution: this is kept; 1 when extrapolated, for then nothing is
    std::string method;   ///< "largest of 59 samples", "lognormal fit to 5 samples", "fit on input
                          ///< size, 12 samples"
    int samples = 0;
    int samples_missing = 0;  ///< more of them would make `confidence` hold without an assumption
    std::optional<Bytes> largest_sampled;  ///< input, if the request follows input size
    bool extrapolated = false;             ///< the input to come is larger than that
};

/// The memory that covers an item with the accepted risk, as far as these samples allow; nothing if
/// none of them has a peak. Never below what the samples show it takes.
///
/// - Enough samples: the order statistic that covers 1 - risk of any distribution with the wanted
/// confidence
///   (tolerance.hpp: covering_rank).
/// - Fewer: the larger of the largest sample and exp(mean + k s) of the logarithms, k the larger of
/// the
///   tolerance factor at fit_confidence and the prediction factor at risk. The largest of n alone
///   is exceeded by one more item with a chance of at most 1/(n+1), whatever the distribution
///   (exchangeability), so that is the risk promised. A fit that no node can hold is left out where
///   the largest sample fits: few samples of small, scattered peaks can ask for any amount.
/// - An input size to come, and peaks that rise with input size (Kendall's tau, one-sided p <=
/// 0.05): the least
///   squares line plus the same rule over its leave-one-out residuals, from the highest of the
///   leave-one-out lines (jackknife-minmax, Barber et al. 2021, theorem 3: again at most 1/(n+1)).
///   A residual of a smaller peak grows in proportion to the peak: peaks scatter by a share of
///   themselves.
std::optional<MemoryRequest> request_memory(std::span<const Sample> samples,
                                            const MemoryGoal& goal = {});

}  // namespace amorsize
