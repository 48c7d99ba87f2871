#pragma once

#include <vector>

#include "advisor/measure/item_process.hpp"

namespace amorsize::measure {

/// Whether the first item run paid for what only the first one meets: files that have to come from
/// the disk, memory that the machine had not handed out yet. It is told by what the item did, not
/// by being first: it took far longer than any of the others, all of which ran alone as it did, and
/// spent most of the excess in the kernel, though it held no more memory and moved no more bytes;
/// or waiting, after reads from the disk, and then two others at least must tell, for items that
/// wait for something else differ by as much.
bool slowed_as_first(const ItemRun& first, const std::vector<ItemRun>& others);

}  // namespace amorsize::measure
