#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/io/items.hpp"

namespace amorsize {

/// More sizes than these are not kept of a list: one of each of as many equal shares by size, and
/// the largest.
inline constexpr std::size_t kSizesKept = 500;

/// The sizes of the files that the items name, ascending. None if they name none, or if looking at
/// all of them would take longer than `patience`: a slow file system must not hold up the advice.
std::vector<Bytes> input_sizes(const ItemList&, const std::string& directory,
                               Seconds patience = {0.5});

}  // namespace amorsize
