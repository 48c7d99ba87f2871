#pragma once

#include <cstdint>

#include "mpi/run/journal.hpp"
#include "mpi/run/output_store.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// Takes back every answer that the journal has of a worker since it can no longer be relied on:
/// a further record each, and the reason in the item's stderr. Returns how many items were done and
/// are no longer. Everything appended to the journal must have been committed.
std::int64_t withdraw_answers(const Distrusted& worker, JournalWriter& journal,
                              OutputWriter& output);

}  // namespace amorsize::run
