#pragma once

#include <string>
#include <vector>

#include "advisor/core/kept_item.hpp"

namespace amorsize {

/// The text of the file NAME.kept beside the plan: items whose output was kept while sampling
/// (sample.reuse).
///
///     amorsize-kept 1\n
///     INDEX EXIT_CODE SECONDS ITEM_BYTES OUT_BYTES ERR_BYTES\n   (decimal numbers, one space
///     between) the item, its stdout and its stderr, raw, each of the length given, and \n
///     ... the same again for every further item, then
///     end\n
std::string write_kept_items(const std::vector<KeptItem>&);

/// The items of such a file. An item counts only if the list still has this text at this index: the
/// caller compares. Throws Error (bad_input) naming the file if it is missing, torn or not such a
/// file.
std::vector<KeptItem> read_kept_items(const std::string& path);

}  // namespace amorsize
