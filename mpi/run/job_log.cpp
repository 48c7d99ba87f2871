#include "mpi/run/job_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "mpi/run/journal.hpp"
#include "mpi/run/run_state.hpp"
#include "mpi/run/text_file.hpp"

namespace amorsize::run {

namespace {

const char* name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::done:
            return "done";
        case Outcome::failed:
            return "failed";
        case Outcome::retried:
            return "retried";
        case Outcome::out_of_memory:
            return "out-of-memory";
    }
    return "?";
}

void append_row(fmt::memory_buffer& rows, const JournalHeader& header, const ItemRecord& record,
                std::string command) {
    std::replace_if(
        command.begin(), command.end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
    fmt::format_to(
        std::back_inserter(rows),
        "{}\t{}\t{:.3f}\t{:.6f}\t0\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:.3f}\t{:.3f}\t{}\t{}\t{}\n",
        record.item + 1, header.host, record.start, record.seconds, record.received,
        record.exit_code, record.signal, command, record.attempt, name_of(record.outcome),
        record.peak_kib, record.user, record.system, header.rank, record.worker, header.epoch);
}

}  // namespace

void write_job_log(const RunFolder& folder,
                   const std::function<std::string(std::int64_t)>& command_of) {
    constexpr std::size_t kBlock = 1 << 18;
    TextFile log(folder.sibling(".joblog"));
    fmt::memory_buffer rows;
    const auto flush = [&] {
        log.append({rows.data(), rows.size()});
        rows.clear();
    };
    fmt::format_to(std::back_inserter(rows),
                   "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\t"
                   "Attempt\tOutcome\tPeakKiB\tUser\tSystem\tRank\tWorker\tRun\n");
    for (const RankFiles& files : folder.all_files()) {
        const std::int64_t written = output_size(files);
        for_each_record(files.journal, [&](const JournalHeader& header, const ItemRecord& record) {
            if (!has_its_output(record, written)) return;
            append_row(rows, header, record, command_of(record.item));
            if (rows.size() > kBlock) flush();
        });
    }
    flush();
    log.replace();
}

}  // namespace amorsize::run
