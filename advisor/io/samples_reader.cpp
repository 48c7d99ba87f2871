#include "advisor/io/samples_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "advisor/io/csv.hpp"
#include "advisor/io/diagnostics.hpp"
#include "advisor/io/nearest.hpp"
#include "advisor/io/quantity_text.hpp"
#include "advisor/io/read_file.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;

const std::vector<std::string>& column_names() {
    static const std::vector<std::string> names{
        "seconds",      "peak_rss_bytes", "user_seconds", "system_seconds", "input_bytes",
        "output_bytes", "concurrency",    "item",         "exit_code",      "threads"};
    return names;
}

using Columns = std::map<std::string, std::size_t>;

/// Where each known column is; notes a missing `seconds` and columns given twice.
Columns columns_of(const CsvRow& header, Diagnostics& faults) {
    Columns columns;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const std::string& name = header[i].text;
        const bool known =
            std::find(column_names().begin(), column_names().end(), name) != column_names().end();
        if (known && !columns.emplace(name, i).second) {
            faults.add(header[i].mark, name, "is a column twice", "keep one of the two");
        }
    }
    if (columns.count("seconds") > 0) return columns;
    std::string hint = "the first line names the columns: seconds,peak_rss_bytes,...";
    for (const CsvCell& cell : header) {
        if (nearest(cell.text, {"seconds"}) == "seconds")
            hint = fmt::format("did you mean seconds by {}?", in_quotes(cell.text));
    }
    if (header.size() == 1 && header.front().text.find(';') != std::string::npos)
        hint = "separate columns by commas";
    if (!header.empty() && parse_number(header.front().text))
        hint = "the first line must name the columns, as: seconds,peak_rss_bytes";
    faults.add(header.front().mark, "seconds", "is missing among the columns", hint);
    return columns;
}

/// The cells of one record by column name.
class Record {
public:
    Record(const CsvRow& row, const Columns& columns, Diagnostics& faults)
        : row_(row), columns_(columns), faults_(faults) {}

    std::optional<double> figure(const std::string& column, double most) {
        const CsvCell* cell = filled(column);
        if (cell == nullptr) return std::nullopt;
        const Parsed<double> number = parse_number(cell->text);
        if (!number) {
            fault(*cell, column, fmt::format("{} {}", in_quotes(cell->text), number.message),
                  number.hint);
        } else if (*number.value < 0) {
            fault(*cell, column, fmt::format("{} is negative", in_quotes(cell->text)),
                  "figures are 0 or more; leave the cell empty if there is none");
        } else if (*number.value > most) {
            fault(*cell, column, fmt::format("{} is too large", in_quotes(cell->text)),
                  "check the unit: the column's name ends in it");
        } else {
            return number.value;
        }
        return std::nullopt;
    }

    std::optional<Seconds> seconds(const std::string& column) {
        constexpr double kLongest = 1e10;
        const auto value = figure(column, kLongest);
        return value ? std::optional(Seconds{*value}) : std::nullopt;
    }

    std::optional<Bytes> bytes(const std::string& column) {
        const auto value = figure(column, 0x1p62);
        return value ? std::optional(Bytes{std::llround(std::ceil(*value))}) : std::nullopt;
    }

    int whole(const std::string& column, int least, int most, int fallback) {
        const CsvCell* cell = filled(column);
        if (cell == nullptr) return fallback;
        const Parsed<std::int64_t> number = parse_integer(cell->text);
        if (!number) {
            fault(*cell, column, fmt::format("{} {}", in_quotes(cell->text), number.message),
                  number.hint);
        } else if (*number.value < least || *number.value > most) {
            fault(*cell, column,
                  fmt::format("is {}, but must be between {} and {}", *number.value, least, most),
                  "leave the cell empty if it is not known");
        } else {
            return static_cast<int>(*number.value);
        }
        return fallback;
    }

    std::optional<std::string> text(const std::string& column) {
        const CsvCell* cell = filled(column);
        return cell != nullptr ? std::optional(cell->text) : std::nullopt;
    }

    void require(const std::string& column) {
        const auto found = columns_.find(column);
        if (found != columns_.end() && row_[found->second].text.empty())
            fault(row_[found->second], column, "is empty", "every sample needs its time");
    }

private:
    const CsvCell* filled(const std::string& column) const {
        const auto found = columns_.find(column);
        if (found == columns_.end() || row_[found->second].text.empty()) return nullptr;
        return &row_[found->second];
    }
    void fault(const CsvCell& cell, const std::string& column, const std::string& message,
               const std::string& hint) {
        faults_.add(cell.mark, column, message, hint);
    }

    const CsvRow& row_;
    const Columns& columns_;
    Diagnostics& faults_;
};

Sample sample_of(const CsvRow& row, const Columns& columns, Diagnostics& faults) {
    constexpr int kWidest = 1'000'000;
    constexpr int kAnyCode = std::numeric_limits<int>::max();
    Record record(row, columns, faults);
    Sample sample;
    record.require("seconds");
    sample.seconds = record.seconds("seconds").value_or(Seconds{0});
    sample.peak_rss = record.bytes("peak_rss_bytes");
    sample.user = record.seconds("user_seconds");
    sample.system = record.seconds("system_seconds");
    sample.input = record.bytes("input_bytes");
    sample.output = record.bytes("output_bytes");
    sample.concurrency = record.whole("concurrency", 1, kWidest, 1);
    sample.item = record.text("item");
    sample.threads = record.whole("threads", 0, kWidest, 0);
    sample.exit_code = record.whole("exit_code", -kAnyCode, kAnyCode, 0);
    return sample;
}

}  // namespace

std::vector<Sample> parse_samples(std::string_view text, const std::string& file_name) {
    const std::string_view body = without_bom(text);
    Diagnostics faults(file_name, body);
    const std::vector<CsvRow> rows = parse_csv(body, faults);
    if (rows.empty()) {
        faults.add({1, 1}, "", "the samples file is empty",
                   "write a line of column names, then a line a sample: seconds,peak_rss_bytes");
        faults.throw_if_any();
    }
    const CsvRow& header = rows.front();
    const Columns columns = columns_of(header, faults);
    if (rows.size() == 1)
        faults.add(header.front().mark, "", "there is no sample below the column names",
                   "write one line a sample");
    std::vector<Sample> samples;
    samples.reserve(rows.size() - 1);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows[i].size() == header.size()) {
            samples.push_back(sample_of(rows[i], columns, faults));
        } else {
            faults.add(rows[i].front().mark, "",
                       fmt::format("has {} fields, but the header names {} columns", rows[i].size(),
                                   header.size()),
                       "put a field that holds a comma into quotes");
        }
    }
    faults.throw_if_any();
    return samples;
}

std::vector<Sample> read_samples(const std::string& path) {
    return parse_samples(read_text_file(path, "samples", kMostBytes), path);
}

}  // namespace amorsize
