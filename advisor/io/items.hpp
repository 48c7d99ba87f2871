#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "advisor/core/manifest.hpp"

namespace amorsize {

/// The items of a job, by number. Reading one is safe from several threads at once.
///
/// - range and count: the numbers.
/// - file: its lines, byte for byte (a carriage return stays); empty lines are no items. Only every
/// 64th
///   line's place is kept in memory. The file must stay as it is while the list is used.
/// - glob: the matching paths in byte order, as the pattern spells them; a leading '.' must be
/// matched explicitly.
class ItemList {
public:
    /// Relative paths start at `directory`. Throws Error (bad_input) if there are no items, the
    /// file cannot be read, or an item could not be an argument of a program (a NUL byte, 128 KiB
    /// or longer).
    ItemList(const Items& items, const std::string& directory);
    ItemList(ItemList&&) noexcept;
    ItemList& operator=(ItemList&&) noexcept;
    ~ItemList();

    std::int64_t size() const;
    /// The item with 0 <= index < size(). Throws Error (environment) if the item file has changed.
    std::string operator[](std::int64_t index) const;
    /// The items from `first` on, `count` of them or as many as there are: much cheaper than one by
    /// one from a file.
    std::vector<std::string> slice(std::int64_t first, std::int64_t count) const;

    class Source;

private:
    std::unique_ptr<const Source> source_;
};

}  // namespace amorsize
