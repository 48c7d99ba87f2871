#include "mpi/run/job_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
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
        case Outcome::withdrawn:
            return "withdrawn";
    }
    return "?";
}

/// Rows of fields between tabs. There are rows by the million: a general formatter takes several
/// times as long as all else.
class Rows {
public:
    std::string_view text() const { return text_; }
    void clear() { text_.clear(); }

    Rows& field(std::string_view value) {
        text_.append(value);
        text_.push_back('\t');
        return *this;
    }
    Rows& field(std::int64_t value) {
        append_number(value);
        text_.push_back('\t');
        return *this;
    }
    /// With `decimals` digits after the point; not negative.
    Rows& field(double value, int decimals) {
        std::int64_t scale = 1;
        for (int i = 0; i < decimals; ++i) scale *= 10;
        const std::int64_t scaled = std::llround(value * static_cast<double>(scale));
        append_number(scaled / scale);
        // The leading 1 keeps the zeros; the point takes its place.
        const std::size_t point = text_.size();
        append_number(scale + scaled % scale);
        text_[point] = '.';
        text_.push_back('\t');
        return *this;
    }
    void append(std::string_view fields) { text_.append(fields); }
    void end_row() { text_.back() = '\n'; }

private:
    void append_number(std::int64_t value) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        text_.append(digits.data(), end);
    }

    std::string text_;
};

/// What the rows of items that ended together have in common: before the command, and after it.
class CommonFields {
public:
    /// Writes them anew unless they are those of the last record.
    void follow(const JournalHeader& header, const ItemRecord& record) {
        ItemRecord key = record;
        key.item = key.output_end = 0;
        key.start = 0;
        if (known_ && std::memcmp(&key, &key_, sizeof key) == 0) return;
        key_ = key;
        known_ = true;
        before_.clear();
        before_.field(static_cast<double>(record.seconds), 6)
            .field(std::int64_t{0})
            .field(record.received)
            .field(record.exit_code)
            .field(record.signal);
        after_.clear();
        after_.field(record.attempt)
            .field(name_of(record.outcome))
            .field(record.peak_kib)
            .field(static_cast<double>(record.user), 3)
            .field(static_cast<double>(record.system), 3)
            .field(header.rank)
            .field(record.worker)
            .field(header.epoch)
            .end_row();
    }
    /// Of a journal that another rank wrote.
    void forget() { known_ = false; }
    std::string_view before() const { return before_.text(); }
    std::string_view after() const { return after_.text(); }

private:
    ItemRecord key_;
    bool known_ = false;
    Rows before_;
    Rows after_;
};

void append_row(Rows& rows, const JournalHeader& header, const ItemRecord& record,
                const CommonFields& common, std::string command) {
    std::replace_if(
        command.begin(), command.end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
    rows.field(record.item + 1).field(header.host).field(record.start, 3);
    rows.append(common.before());
    rows.field(command);
    rows.append(common.after());
}

}  // namespace

void write_job_log(const RunFolder& folder,
                   const std::function<std::string(std::int64_t)>& command_of) {
    constexpr std::size_t kBlock = 1 << 18;
    TextFile log(folder.sibling(".joblog"));
    Rows rows;
    CommonFields common;
    log.append(
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\t"
        "Attempt\tOutcome\tPeakKiB\tUser\tSystem\tRank\tWorker\tRun\n");
    for (const RankFiles& files : folder.all_files()) {
        const std::int64_t written = output_size(files);
        common.forget();
        for_each_record(files.journal, [&](const JournalHeader& header, const ItemRecord& record) {
            if (!has_its_output(record, written)) return;
            common.follow(header, record);
            append_row(rows, header, record, common, command_of(record.item));
            if (rows.text().size() < kBlock) return;
            log.append(rows.text());
            rows.clear();
        });
    }
    log.append(rows.text());
    log.replace();
}

}  // namespace amorsize::run
