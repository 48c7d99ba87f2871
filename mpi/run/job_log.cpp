#include "mpi/run/job_log.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
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
        if (text.empty()) return;  // there may be no room yet to copy nothing to
        std::memcpy(room(text.size()), text.data(), text.size());
        used_ += text.size();
    }
    Rows& field(std::string_view value) {
        append(value);
        return end_field();
    }
    /// With a blank for what would end a field or a row.
    Rows& flat_field(std::string_view value) {
        const std::size_t begin = used_;
        append(value);
        for (const char ending : {'\t', '\n'}) {
            if (value.find(ending) != value.npos)
                std::replace(text_.data() + begin, text_.data() + used_, ending, ' ');
        }
        return end_field();
    }
    Rows& field(std::int64_t value) {
        append(value);
        return end_field();
    }
    /// With three digits after the point, or six; not negative.
    Rows& thousandths(double value) { return fraction<1000>(value); }
    Rows& millionths(double value) { return fraction<1000000>(value); }
    /// Three digits more, the last of `value`; the field goes on.
    void three_digits(std::int64_t value) {
        char* const begin = room(3);
        begin[0] = static_cast<char>('0' + value / 100 % 10);
        begin[1] = static_cast<char>('0' + value / 10 % 10);
        begin[2] = static_cast<char>('0' + value % 10);
        used_ += 3;
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
    template <std::int64_t parts>
    Rows& fraction(double value) {
        const std::int64_t scaled = std::llround(value * static_cast<double>(parts));
        append(scaled / parts);
        // The leading 1 keeps the zeros; the point takes its place.
        const std::size_t point = used_;
        append(parts + scaled % parts);
        text_[point] = '.';
        return end_field();
    }
    Rows& end_field() {
        *room(1) = '\t';
        ++used_;
        return *this;
    }

    std::vector<char> text_;
    std::size_t used_ = 0;
};

/// Turns entries of journals into rows of the log. Items that ended together have most of a row in
/// common, which is written once.
class LogWriter {
public:
    using CommandOf = std::function<std::string_view(std::int64_t)>;

    LogWriter(TextFile& log, const CommandOf& command_of) : log_(log), command_of_(command_of) {
        rows_.append(
            "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\t"
            "Attempt\tOutcome\tPeakKiB\tUser\tSystem\tRank\tWorker\tRun\n");
    }

    void add(const JournalHeader& header, const ItemRecord& entry) {
        set_up_to_command(entry, entry.received);
        set_after_command(header, entry);
        double start = entry.start;
        for (std::int64_t i = 0; i <= entry.followers; ++i) {
            if (i == 1) set_up_to_command(entry, 0);
            add_row(header.host, entry.item + i, start);
            start += static_cast<double>(entry.seconds);
        }
    }

    void finish() {
        log_.append(rows_.text());
        rows_.clear();
    }

private:
    void add_row(std::string_view host, std::int64_t item, double start) {
        constexpr std::size_t kBlock = 1 << 16;
        rows_.field(item + 1).field(host);
        append_start(start);
        rows_.append(up_to_command_.text());
        rows_.flat_field(command_of_(item));
        rows_.append(after_command_.text());
        if (rows_.text().size() >= kBlock) finish();
    }
    /// Starts that follow one another are mostly in the same second.
    void append_start(double start) {
        const std::int64_t thousandths = std::llround(start * 1000);
        if (thousandths / 1000 != second_) {
            second_ = thousandths / 1000;
            second_text_ = std::to_string(second_) + '.';
        }
        rows_.append(second_text_);
        rows_.three_digits(thousandths);
    }
    /// From behind the start.
    void set_up_to_command(const ItemRecord& entry, std::uint32_t received) {
        up_to_command_.clear();
        up_to_command_.field("")
            .millionths(static_cast<double>(entry.seconds))
            .field(std::int64_t{0})
            .field(received)
            .field(entry.exit_code)
            .field(entry.signal);
    }
    void set_after_command(const JournalHeader& header, const ItemRecord& entry) {
        after_command_.clear();
        after_command_.field(entry.attempt)
            .field(name_of(entry.outcome))
            .field(entry.peak_kib)
            .thousandths(static_cast<double>(entry.user))
            .thousandths(static_cast<double>(entry.system))
            .field(header.rank)
            .field(entry.worker)
            .field(header.epoch)
            .end_row();
    }

    TextFile& log_;
    const CommandOf& command_of_;
    std::int64_t second_ = -1;
    std::string second_text_;
    Rows rows_;
    Rows up_to_command_;
    Rows after_command_;
};

}  // namespace

void write_job_log(const RunFolder& folder,
                   const std::function<std::string_view(std::int64_t)>& command_of) {
    TextFile log(folder.sibling(".joblog"));
    LogWriter rows(log, command_of);
    for (const RankFiles& files : folder.all_files()) {
        const std::int64_t written = output_size(files);
        for_each_entry(files.journal, [&](const JournalHeader& header, const ItemRecord& entry) {
            if (has_its_output(entry, written)) rows.add(header, entry);
        });
    }
    rows.finish();
    log.replace();
}

}  // namespace amorsize::run
