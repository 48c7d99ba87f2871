#include "mpi/run/item_set.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace amorsize::run {

namespace {

constexpr std::size_t kWordsPerBlock = 8;

std::size_t words_for(std::int64_t size) {
    return static_cast<std::size_t>((size + 63) / 64);
}
std::size_t word_of(std::int64_t item) {
    return static_cast<std::size_t>(item) / 64;
}
std::uint64_t bit_of(std::int64_t item) {
    return std::uint64_t{1} << (static_cast<std::uint64_t>(item) % 64);
}

/// Position of the n-th bit (from 0) that is set.
int select(std::uint64_t word, int n) {
    for (; n > 0; --n) word &= word - 1;
    return std::countr_zero(word);
}

}  // namespace

ItemSet::ItemSet(std::int64_t size) : size_(size), words_(words_for(size)) {}

ItemSet::ItemSet(std::int64_t size, std::string_view bytes) : ItemSet(size) {
    std::memcpy(words_.data(), bytes.data(), std::min(bytes.size(), words_.size() * 8));
}

bool ItemSet::contains(std::int64_t item) const {
    return (words_[word_of(item)] & bit_of(item)) != 0;
}
void ItemSet::insert(std::int64_t item) {
    words_[word_of(item)] |= bit_of(item);
}
void ItemSet::erase(std::int64_t item) {
    words_[word_of(item)] &= ~bit_of(item);
}

void ItemSet::insert(const ItemSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}

void ItemSet::erase(const ItemSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
}

std::int64_t ItemSet::count() const {
    std::int64_t total = 0;
    for (const std::uint64_t word : words_) total += std::popcount(word);
    return total;
}

std::string_view ItemSet::bytes() const {
    return {reinterpret_cast<const char*>(words_.data()), words_.size() * 8};
}

MissingItems::MissingItems(ItemSet settled) : settled_(std::move(settled)) {
    for (std::int64_t item = settled_.size(); item % 64 != 0; ++item) settled_.insert(item);
    for (std::size_t i = 0; i < settled_.words(); ++i) {
        if (i % kWordsPerBlock == 0) before_block_.push_back(count_);
        count_ += 64 - std::popcount(settled_.word(i));
    }
}

std::int64_t MissingItems::operator[](std::int64_t position) const {
    if (count_ == settled_.size()) return position;
    const auto block =
        std::prev(std::upper_bound(before_block_.begin(), before_block_.end(), position));
    std::int64_t left = position - *block;
    auto word = static_cast<std::size_t>(block - before_block_.begin()) * kWordsPerBlock;
    for (;; ++word) {
        const std::uint64_t missing = ~settled_.word(word);
        const int here = std::popcount(missing);
        if (left < here)
            return static_cast<std::int64_t>(word) * 64 + select(missing, static_cast<int>(left));
        left -= here;
    }
}

}  // namespace amorsize::run
