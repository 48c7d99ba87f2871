#include "mpi/run/withdrawal.hpp"

namespace amorsize::run {

std::int64_t withdraw_answers(const Distrusted& worker, JournalWriter& journal,
                              OutputWriter& output) {
    std::int64_t withdrawn = 0;
    for_each_record(journal.path(), [&](const JournalHeader&, ItemRecord record) {
        if (record.worker != worker.worker || record.start < worker.since) return;
        if (record.outcome != Outcome::done) return;
        output.append({record.item, record.attempt, Stream::err}, worker.why);
        record.outcome = Outcome::withdrawn;
        record.exit_code = 1;
        record.output_end = output.end();
        journal.append(record);
        ++withdrawn;
    });
    return withdrawn;
}

}  // namespace amorsize::run
