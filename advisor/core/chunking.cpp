#include "advisor/core/chunking.hpp"

#include <algorithm>
#include <cmath>

namespace amorsize {

namespace {

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) {
    return dividend / divisor + (dividend % divisor != 0 ? 1 : 0);
}

}  // namespace

const char* name_of(Schedule schedule) {
    switch (schedule) {
        case Schedule::fixed:
            return "fixed";
        case Schedule::guided:
            return "guided";
        case Schedule::factoring:
            return "factoring";
        case Schedule::weighted_factoring:
            return "weighted factoring";
    }
    return "";
}

ChunkSequence::ChunkSequence(Schedule schedule, std::int64_t items, std::int64_t workers,
                             std::int64_t max_chunk)
    : items_(std::max<std::int64_t>(items, 0)),
      grains_(schedule == Schedule::weighted_factoring ? kGrainsPerChunk : 1) {
    workers = std::max<std::int64_t>(workers, 1);
    max_chunk = std::clamp<std::int64_t>(max_chunk, 1, std::max<std::int64_t>(items_, 1));
    switch (schedule) {
        case Schedule::fixed:
            add_round(max_chunk, divide_up(items_, max_chunk));
            break;
        case Schedule::guided:
            add_rounds_guided(workers, max_chunk);
            break;
        case Schedule::factoring:
        case Schedule::weighted_factoring:
            add_rounds_factoring(workers, max_chunk);
            break;
    }
}

ItemSpan ChunkSequence::draw(std::int64_t first, std::int64_t numbers) const {
    if (first >= count_) return {items_, items_};
    const std::int64_t last = numbers < count_ - first ? first + numbers : count_;
    const auto round = round_of(first);
    // Mostly both are of one round, and looking it up is most of the work.
    const auto next = std::next(round);
    const bool same = next == rounds_.end() || last < next->first_number;
    return {first_item_of(first, *round), first_item_of(last, same ? *round : *round_of(last))};
}

std::int64_t ChunkSequence::numbers_per_draw(double relative_speed) const {
    if (grains_ == 1) return 1;
    const double numbers = static_cast<double>(grains_) * relative_speed;
    return std::max<std::int64_t>(1, std::llround(std::min(numbers, 1e6)));
}

void ChunkSequence::add_rounds_guided(std::int64_t workers, std::int64_t max_chunk) {
    while (placed_ < items_) {
        const std::int64_t left = items_ - placed_;
        const std::int64_t chunk = std::min(max_chunk, divide_up(left, workers));
        // The size stays as long as more than (chunk - 1) x workers items are left.
        add_round(chunk, divide_up(left - (chunk - 1) * workers, chunk));
    }
}

void ChunkSequence::add_rounds_factoring(std::int64_t workers, std::int64_t max_chunk) {
    while (placed_ < items_) {
        const std::int64_t left = items_ - placed_;
        const std::int64_t half = divide_up(divide_up(left, 2), workers);
        const std::int64_t chunk = std::min(max_chunk, half);
        if (chunk == 1) {
            add_round(1, left);
        } else if (half > max_chunk) {
            // All rounds that the largest chunk caps, at once: it does while 2 P (max_chunk - 1)
            // items or more are left.
            const std::int64_t to_halve = left - 2 * workers * (max_chunk - 1);
            add_round(chunk, workers * divide_up(to_halve, workers * max_chunk));
        } else {
            add_round(chunk, workers);
        }
    }
}

/// Appends `chunks` chunks, or as many as the items still fill.
void ChunkSequence::add_round(std::int64_t chunk, std::int64_t chunks) {
    const std::int64_t left = items_ - placed_;
    if (left == 0) return;
    chunks = std::min(chunks, divide_up(left, chunk));
    rounds_.push_back({count_, placed_, chunk});
    count_ += chunks * grains_;
    placed_ += std::min(left, chunks * chunk);
}

std::vector<ChunkSequence::Round>::const_iterator ChunkSequence::round_of(
    std::int64_t number) const {
    return std::prev(std::upper_bound(
        rounds_.begin(), rounds_.end(), number,
        [](std::int64_t wanted, const Round& round) { return wanted < round.first_number; }));
}

std::int64_t ChunkSequence::first_item_of(std::int64_t number, const Round& round) const {
    const std::int64_t within = number - round.first_number;
    std::int64_t offset = within * round.chunk;
    if (grains_ == kGrainsPerChunk) {
        offset = within / kGrainsPerChunk * round.chunk +
                 within % kGrainsPerChunk * round.chunk / kGrainsPerChunk;
    }
    return std::min(items_, round.first_item + offset);
}

}  // namespace amorsize
