#pragma once

#include <cstdint>
#include <string>

#include "advisor/core/manifest.hpp"
#include "mpi/run/item_set.hpp"
#include "mpi/run/journal.hpp"
#include "mpi/run/run_folder.hpp"

namespace amorsize {
class ItemList;
}

namespace amorsize::run {

/// What earlier runs of a plan left, as their journals say.
struct RunState {
    int last_epoch = 0;  ///< 0: there was no earlier run
    ItemSet done;
    ItemSet failed;  ///< for good, and not done since
};

/// Reads all journals of the folder. A record counts only if the output it speaks of has reached
/// the file system too: after the loss of a node it may not have.
RunState read_run_state(const RunFolder& folder, std::int64_t items);

/// Whether a record of a rank's journal can be relied on, given the size of its output file.
inline bool has_its_output(const ItemRecord& record, std::int64_t output_size) {
    return record.output_end <= output_size;
}
std::int64_t output_size(const RankFiles& files);

/// What tells one list of items from another: their number and a checksum.
std::string items_identity(const Items& items, const std::string& directory, const ItemList& list);

/// Whether the folder belongs to these items already.
bool belongs_to(const RunFolder& folder, const std::string& identity);

/// Notes which items the folder belongs to; throws Error (bad_input) if it already belongs to
/// others.
void claim_folder(const RunFolder& folder, const std::string& identity);

}  // namespace amorsize::run
