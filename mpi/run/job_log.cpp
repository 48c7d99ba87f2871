#include "mpi/run/job_log.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>
#include <vector>

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

/// Rows of fields between tabs. There are rows by the million: a general formatter, or a string
/// that looks after its end at each append, takes several times as long as all else.
class Rows {
public:
    std::string_view text() const { return {text_.data(), used_}; }
    void clear() { used_ = 0; }

    void append(std::string_view text) {
        std::memcpy(room(text.size()), text.data(), text.size());
        used_ += text.size();
    }
    Rows& field(std::string_view value) {
        append(value);
        return end_field();
    }
    /// With a blank for what would end a field or a row.
    Rows& flat_field(std::string_view value) {
        char* const begin = room(value.size());
        append(value);
        std::replace_if(
            begin, begin + value.size(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
        return end_field();
    }
    Rows& field(std::int64_t value) {
        append(value);
        return end_field();
    }
    /// With `decimals` digits after the point; not negative.
    Rows& field(double value, int decimals) {
        std::int64_t scale = 1;
        for (int i = 0; i < decimals; ++i) scale *= 10;
        const std::int64_t scaled = std::llround(value * static_cast<double>(scale));
        append(scaled / scale);
        // The leading 1 keeps the zeros; the point takes its place.
        const std::size_t point = used_;
        append(scale + scaled % scale);
        text_[point] = '.';
        return end_field();
    }
    void end_row() { text_[used_ - 1] = '\n'; }

private:
    /// Where so many more characters go.
    char* room(std::size_t characters) {
        if (text_.size() - used_ < characters) text_.resize(2 * (used_ + characters));
        return text_.data() + used_;
    }
    void append(std::int64_t value) {
        constexpr std::size_t kDigits = 24;
        char* const begin = room(kDigits);
        used_ += static_cast<std::size_t>(std::to_chars(begin, begin + kDigits, value).ptr - begin);
    }
    Rows& end_field() {
        append("\t");
        return *this;
    }

    std::vector<char> text_;
    std::size_t used_ = 0;
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

}  // namespace

void write_job_log(const RunFolder& folder,
                   const std::function<std::string_view(std::int64_t)>& command_of) {
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
            const std::string_view host = header.host;
            rows.field(record.item + 1).field(host).field(record.start, 3);
            rows.append(common.before());
            rows.flat_field(command_of(record.item));
            rows.append(common.after());
            if (rows.text().size() < kBlock) return;
            log.append(rows.text());
            rows.clear();
        });
    }
    log.append(rows.text());
    log.replace();
}

}  // namespace amorsize::run
