#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/finished_run.hpp"
#include "advisor/core/units.hpp"
#include "advisor/io/items.hpp"

namespace amorsize {

/// Of more sizes than these the means of as many equal shares are kept: as many as of a run's
/// items, so that the two can be told to be of one list.
inline constexpr std::size_t kSizesKept = kItemsKept;

/// The files that items name.
struct InputSizes {
    std::optional<Bytes> largest;  ///< nothing: no item names a file
    std::vector<Bytes> sizes;      ///< ascending, of each or of equal shares; empty unless every
                                   ///< item names a file
};

/// Nothing if looking at all of them would take longer than `patience`: a slow file system must not
/// hold up the advice.
InputSizes input_sizes(const ItemList&, const std::string& directory, Seconds patience = {0.5});

}  // namespace amorsize
