#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "advisor/core/manifest.hpp"
#include "mpi/run/clock.hpp"
#include "mpi/run/journal.hpp"
#include "mpi/run/memory_kills.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// What becomes of an item that has failed.
struct Verdict {
    /// For the journal: `retried`, `out_of_memory` (to be tried again alone), or `failed`. Nothing:
    /// to be tried again, and this attempt does not count.
    std::optional<Outcome> outcome;
    Task next;                      ///< the next attempt, if there is one
    SteadyClock::duration pause{};  ///< before it
};

/// Decides whether an item that has failed is tried again: as often as the manifest says; once
/// more, alone, if it was killed for memory; and a few times without counting if a signal from
/// outside ended it.
class FailurePolicy {
public:
    explicit FailurePolicy(Retry retry, MemoryKills kills = MemoryKills())
        : retry_(retry), memory_kills_(std::move(kills)) {}

    /// `alone`: it had the rank to itself.
    Verdict judge(const Ended& ended, bool alone);

private:
    bool killed_for_memory(const Ended& ended);

    Retry retry_;
    MemoryKills memory_kills_;
    std::int64_t kills_unexplained_ = 0;  ///< by the kernel, that no item accounts for yet
    std::unordered_map<std::int64_t, int> stray_signals_;  ///< by item
};

}  // namespace amorsize::run
