#include "mpi/run/chunk_source.hpp"

#include <utility>

namespace amorsize::run {

namespace {

constexpr std::int64_t kTimedDraws = 32;

}  // namespace

ChunkSource::ChunkSource(const ChunkSequence& chunks, SharedCounter& counter, double relative_speed,
                         Places places)
    : chunks_(chunks),
      counter_(counter),
      numbers_(chunks.numbers_per_draw(relative_speed)),
      places_(std::move(places)),
      exhausted_(chunks.count() == 0) {}

void ChunkSource::ask() {
    if (asked_ || exhausted_) return;
    asked_ = true;
    // Reading the clock twice costs as much as a draw in shared memory: a sample of the latency
    // will do.
    timed_ = drawn_ < kTimedDraws || drawn_ % kTimedDraws == 0;
    if (timed_) asked_at_ = Clock::now();
    counter_.request(closing_ ? chunks_.count() : numbers_);
    if (closing_) exhausted_ = true;
}

std::optional<ItemSpan> ChunkSource::take() {
    if (!asked_) return std::nullopt;
    const auto first = counter_.poll();
    if (!first) return std::nullopt;
    asked_ = false;
    if (timed_) latency_ = latency_ * 0.8 + (Clock::now() - asked_at_) * (drawn_ == 0 ? 1.0 : 0.2);
    if (exhausted_) return std::nullopt;
    if (*first >= chunks_.count()) {
        exhausted_ = true;
        return std::nullopt;
    }
    if (closing_) {
        ask();
        return std::nullopt;
    }
    ++drawn_;
    return places_(chunks_.draw(*first, numbers_));
}

void ChunkSource::close() {
    if (closing_) return;
    closing_ = true;
    ask();
}

}  // namespace amorsize::run
