#include "mpi/run/job_log.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

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

/// A number with a fixed count of decimals. Integers are written several times faster than floating
/// point, and there are rows by the million.
struct Decimal {
    std::int64_t whole;
    std::int64_t part;
};

Decimal decimal(double value, std::int64_t scale) {
    const std::int64_t scaled = std::llround(value * static_cast<double>(scale));
    return {scaled / scale, scaled % scale};
}

void append_row(fmt::memory_buffer& rows, const JournalHeader& header, const ItemRecord& record,
                std::string command) {
    std::replace_if(
        command.begin(), command.end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
    const Decimal start = decimal(record.start, 1000);
    const Decimal seconds = decimal(static_cast<double>(record.seconds), 1'000'000);
    const Decimal user = decimal(static_cast<double>(record.user), 1000);
    const Decimal system = decimal(static_cast<double>(record.system), 1000);
    const std::string_view host = header.host;
    const std::string_view outcome = name_of(record.outcome);
    fmt::format_to(fmt::appender(rows),
                   FMT_COMPILE("{}\t{}\t{}.{:03}\t{}.{:06}\t0\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}.{:03}"
                               "\t{}.{:03}\t{}\t{}\t{}\n"),
                   record.item + 1, host, start.whole, start.part, seconds.whole, seconds.part,
                   record.received, record.exit_code, record.signal, command, record.attempt,
                   outcome, record.peak_kib, user.whole, user.part, system.whole, system.part,
                   header.rank, record.worker, header.epoch);
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
