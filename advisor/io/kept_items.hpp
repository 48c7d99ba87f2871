#pragma once

#include <string>
#include <vector>

#include "advisor/core/kept_item.hpp"

namespace amorsize {

/// Items whose output was kept while sampling (sample.reuse), as one file beside the plan,
/// NAME.kept:
///
///     amorsize-kept 1\n
///     INDEX EXIT_CODE SECONDS ITEM_BYTES OUT_BYTES ERR_BYTES\n   (decimal numbers, one space
///     between) the item, its stdout and its stderr, raw, each of the length given, and \n
///     ... the same again for every further item, then
///     end\n
///
/// Written as one step: readers see the whole file or none. Throws Error (environment) if it cannot
/// be.
void write_kept_items(const std::string& path, const std::vector<KeptItem>&);

/// The items of such a file. An item counts only if the list still has this text at this index: the
/// caller compares. Throws Error (bad_input) naming the file if it is missing, torn or not such a
/// file.
std::vector<KeptItem> read_kept_items(const std::string& path);

}  // namespace amorsize
