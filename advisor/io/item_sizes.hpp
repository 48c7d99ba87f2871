#pragma once

#include <optional>
#include <string>

#include "advisor/core/units.hpp"
#include "advisor/io/items.hpp"

namespace amorsize {

/// The largest of the files that the items name. Nothing if they name none, or if looking at all of
/// them would take longer than `patience`: a slow file system must not hold up the advice.
std::optional<Bytes> largest_input(const ItemList&, const std::string& directory,
                                   Seconds patience = {0.5});

}  // namespace amorsize
