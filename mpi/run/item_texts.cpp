#include "mpi/run/item_texts.hpp"

#include <algorithm>

namespace amorsize::run {

namespace {

constexpr std::int64_t kShortest = 32;
constexpr std::int64_t kLongest = 1024;

}  // namespace

const std::string& ItemTexts::operator[](std::int64_t item) {
    const std::int64_t end = first_ + std::ssize(block_);
    if (item < first_ || item >= end) {
        // Reads far ahead only once the reader has shown that it goes on.
        const std::int64_t ahead =
            item == end ? std::clamp(2 * std::ssize(block_), kShortest, kLongest) : kShortest;
        block_ = items_.slice(item, ahead);
        first_ = item;
    }
    return block_[static_cast<std::size_t>(item - first_)];
}

}  // namespace amorsize::run
