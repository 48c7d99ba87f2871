#pragma once

#include <optional>
#include <vector>

#include "advisor/core/worker_memory.hpp"
#include "advisor/measure/item_process.hpp"

namespace amorsize::measure {

/// What the workers of a node will have in common, judged by what these runs mapped: the files that
/// all of them did. Nothing where fewer than two processes were seen near their peaks, or not the
/// one with the highest, or for less than 4 MiB.
std::optional<CommonPages> common_pages(const std::vector<const ItemRun*>& runs);

}  // namespace amorsize::measure
