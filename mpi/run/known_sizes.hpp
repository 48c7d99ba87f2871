#pragma once

#include <optional>
#include <vector>

#include "advisor/core/manifest.hpp"
#include "mpi/run/item_set.hpp"
#include "mpi/run/run_folder.hpp"

namespace amorsize {
class ItemList;
}

namespace amorsize::run {

/// The seconds each item took when it was last run, by item, as the journals of the folder have it.
/// Nothing unless all items are there.
std::optional<std::vector<float>> seconds_of_earlier_runs(const RunFolder& folder,
                                                          std::int64_t items);

/// The sizes of the files that the items name, by item: where they come from a glob, so that they
/// are files. Nothing if that would take long (a slow file system must not hold up the start) or
/// there are very many.
std::optional<std::vector<float>> sizes_of_files(const Items& items, const ItemList& list,
                                                 const std::string& directory);

/// Whether the largest item is so large that it matters when it starts: it alone is more than 3 %
/// of a worker's share.
bool worth_ordering(const std::vector<float>& sizes, int workers);

}  // namespace amorsize::run
