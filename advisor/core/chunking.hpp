#pragma once

#include <cstdint>
#include <vector>

#include "advisor/core/plan.hpp"

namespace amorsize {

/// "factoring"; two words for weighted factoring.
const char* name_of(Schedule);

/// Positions [begin, end) in the list of items that are to be run.
struct ItemSpan {
    std::int64_t begin = 0;
    std::int64_t end = 0;

    std::int64_t size() const { return end - begin; }
    bool empty() const { return begin >= end; }
    friend bool operator==(const ItemSpan&, const ItemSpan&) = default;
};

/// The chunks of one run as a function of their number alone, so that workers anywhere share them
/// out by adding to one counter: whoever draws number i runs the items of chunk i. Chunks lie end
/// to end, none overlaps, all together are every item.
///
/// Sizes, with R items left at the start of a round and P workers (each at most `max_chunk`):
///   fixed      max_chunk
///   guided     ceil(R / P), R after every chunk (Polychronopoulos and Kuck, 1987)
///   factoring  ceil(R / 2P) for each of P chunks, then the next round (FAC2; Flynn Hummel et al.,
///   1992) weighted   factoring, each chunk cut into kGrainsPerChunk numbers; a worker draws as
///   many of them at once as
///              its speed is worth (numbers_per_draw)
///
/// Memory grows with P and the logarithm of the items, never with the items.
class ChunkSequence {
public:
    static constexpr std::int64_t kGrainsPerChunk = 8;

    /// `items` >= 0; workers and max_chunk below 1 count as 1.
    ChunkSequence(Schedule schedule, std::int64_t items, std::int64_t workers,
                  std::int64_t max_chunk);

    std::int64_t items() const { return items_; }
    /// Chunks (numbers of a weighted sequence) there are.
    std::int64_t count() const { return count_; }
    /// The items of chunk `number`; empty at or after count(). A weighted number can be empty
    /// before that too.
    ItemSpan operator[](std::int64_t number) const { return draw(number, 1); }
    /// The items of `numbers` successive numbers from `first` on.
    ItemSpan draw(std::int64_t first, std::int64_t numbers) const;
    /// How many numbers a worker draws at once, given its speed relative to the mean of all
    /// workers; 1 unless the sequence is weighted.
    std::int64_t numbers_per_draw(double relative_speed) const;

private:
    /// Successive numbers that hold `chunk` items for every `grains` of them.
    struct Round {
        std::int64_t first_number;
        std::int64_t first_item;
        std::int64_t chunk;
    };

    void add_rounds_guided(std::int64_t workers, std::int64_t max_chunk);
    void add_rounds_factoring(std::int64_t workers, std::int64_t max_chunk);
    void add_round(std::int64_t chunk, std::int64_t chunks);
    std::vector<Round>::const_iterator round_of(std::int64_t number) const;
    std::int64_t first_item_of(std::int64_t number, const Round& round) const;

    std::int64_t items_;
    std::int64_t grains_;
    std::int64_t count_ = 0;
    std::int64_t placed_ = 0;  ///< items the rounds so far cover
    std::vector<Round> rounds_;
};

}  // namespace amorsize
