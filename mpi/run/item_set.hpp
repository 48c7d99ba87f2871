#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace amorsize::run {

/// A set of item numbers out of [0, size): one bit an item.
class ItemSet {
public:
    explicit ItemSet(std::int64_t size);
    /// From bytes() of another process on the same kind of machine.
    ItemSet(std::int64_t size, std::string_view bytes);

    std::int64_t size() const { return size_; }
    bool contains(std::int64_t item) const;
    void insert(std::int64_t item);
    void erase(std::int64_t item);
    void insert(const ItemSet& other);
    void erase(const ItemSet& other);
    std::int64_t count() const;
    std::string_view bytes() const;
    std::uint64_t word(std::size_t index) const { return words_[index]; }
    std::size_t words() const { return words_.size(); }

private:
    std::int64_t size_;
    std::vector<std::uint64_t> words_;
};

/// The items that are not in a set, by position: the list a resumed run shares out. Takes a bit and
/// an eighth an item.
class MissingItems {
public:
    explicit MissingItems(ItemSet settled);

    std::int64_t count() const { return count_; }
    /// The item at `position` < count(), in ascending order of items.
    std::int64_t operator[](std::int64_t position) const;

private:
    ItemSet settled_;
    std::vector<std::int64_t> before_block_;  ///< missing items before each block of words
    std::int64_t count_ = 0;
};

}  // namespace amorsize::run
