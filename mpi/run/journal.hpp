#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mpi/run/append_file.hpp"

namespace amorsize::run {

/// How one attempt at an item ended.
enum class Outcome : std::uint8_t {
    done = 1,
    failed = 2,         ///< for good: the attempts are used up
    retried = 3,        ///< failed, and to be tried again
    out_of_memory = 4,  ///< killed for memory, and to be tried again alone on its rank
    withdrawn = 5       ///< for good: recorded as done before, but its answer cannot be relied on
};

/// One attempt at one item, as the journal keeps it. Only `done`, `failed` and
/// `withdrawn` settle the item.
struct ItemRecord {
    std::int64_t item = 0;  ///< number of the item in the list
    double start = 0;       ///< seconds since 1970
    std::int64_t output_end =
        0;  ///< size of the rank's output file once this attempt's output is in it
    float seconds = 0;
    float user = 0;  ///< CPU seconds; 0 in stream mode, where a worker outlives its items
    float system = 0;
    std::uint32_t peak_kib = 0;  ///< largest process of the item (mode stream: of the worker so
                                 ///< far); 0: not known
    std::uint32_t received = 0;  ///< bytes of output
    std::uint32_t worker = 0;    ///< within the rank
    std::uint16_t attempt = 1;
    Outcome outcome = Outcome::done;
    std::uint8_t exit_code = 0;
    std::uint8_t signal = 0;
    std::uint8_t reserved[3] = {};
    /// The items right behind this one that ended with it in the same process: their figures are
    /// the same, they follow it in time, and their output is under it.
    std::uint32_t followers = 0;
    std::uint32_t padding = 0;
};
static_assert(sizeof(ItemRecord) == 64);

/// Which rank of which run wrote a journal.
struct JournalHeader {
    std::int32_t epoch = 0;  ///< 1 for the first run of a plan, one more for every resumption
    std::int32_t rank = 0;
    std::int32_t workers = 0;
    char host[52] = {};
};
static_assert(sizeof(JournalHeader) == 64);

/// Append-only and checksummed. Records gather in memory until commit() writes them as one frame.
class JournalWriter {
public:
    JournalWriter(const std::string& path, const JournalHeader& header);

    void append(const ItemRecord& record) { pending_.push_back(record); }
    /// Returns whether there was anything to write.
    bool commit();
    int descriptor() const { return file_.descriptor(); }
    const std::string& path() const { return file_.path(); }

private:
    AppendFile file_;
    std::vector<ItemRecord> pending_;
    std::string frame_;
};

/// Calls `use` with every entry of a journal in the order of writing; a torn end is passed over,
/// and a file without a whole header counts as empty.
void for_each_entry(const std::string& path,
                    const std::function<void(const JournalHeader&, const ItemRecord&)>& use);

/// The same with a record for every item: none has followers.
void for_each_record(const std::string& path,
                     const std::function<void(const JournalHeader&, const ItemRecord&)>& use);

}  // namespace amorsize::run
