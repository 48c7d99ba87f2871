#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "advisor/core/chunking.hpp"
#include "mpi/run/team.hpp"

namespace amorsize::run {

/// Where a rank gets its chunks: numbers of a ChunkSequence, drawn from the counter all ranks
/// share.
class ChunkSource {
public:
    using Places = std::function<ItemSpan(const ItemSpan&)>;

    /// `relative_speed`: of this rank's workers, over the mean of all. `places` turns what a chunk
    /// is cut from into places of the list of items.
    ChunkSource(
        const ChunkSequence& chunks, SharedCounter& counter, double relative_speed,
        Places places = [](const ItemSpan& span) { return span; });

    /// Starts to draw the next chunk, unless a draw is under way or nothing is left.
    void ask();
    /// The chunk asked for, once it has arrived. It can be empty.
    std::optional<ItemSpan> take();
    /// Leaves nothing for any rank. The draw that does it may take until the next calls of take().
    void close();

    bool asked() const { return asked_; }
    /// Nothing is left to draw and nothing is on its way.
    bool exhausted() const { return exhausted_ && !asked_; }
    /// Mean time from ask() to the chunk's arrival; 0 before the first.
    std::chrono::duration<double> latency() const { return latency_; }
    std::int64_t drawn() const { return drawn_; }

private:
    using Clock = std::chrono::steady_clock;

    const ChunkSequence& chunks_;
    SharedCounter& counter_;
    std::int64_t numbers_;
    Places places_;
    bool asked_ = false;
    bool timed_ = false;
    bool closing_ = false;
    bool exhausted_ = false;
    Clock::time_point asked_at_{};
    std::chrono::duration<double> latency_{0};
    std::int64_t drawn_ = 0;
};

}  // namespace amorsize::run
