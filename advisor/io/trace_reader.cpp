#include "advisor/io/trace_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "advisor/core/error.hpp"

namespace amorsize {

namespace {

constexpr double kLargestSize = 4.0e18;  // below what fits into Bytes, with room for a margin
constexpr std::size_t kFaultsShown = 20;

using Cells = std::vector<std::string>;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// A line's cells; a cell in double quotes may hold the separator and doubled quotes.
Cells split(std::string_view line, char separator) {
    Cells cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += line[++i];
        } else if (line[i] == '"' && (quoted || cells.back().empty())) {
            quoted = !quoted;
        } else if (line[i] == separator && !quoted) {
            cells.emplace_back();
        } else {
            cells.back() += line[i];
        }
    }
    for (std::string& cell : cells) cell = std::string(trimmed(cell));
    return cells;
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return {};
    return value;
}

/// What a table's cell means; nothing if it cannot be read.
using Reading = std::optional<double> (*)(std::string_view);

/// "1.5 GB" as Nextflow prints it, which counts in powers of 1024; or plain bytes.
std::optional<double> nextflow_size(std::string_view text) {
    const auto unit_at = text.find_first_not_of("0123456789.eE+-");
    const std::optional<double> count = number(trimmed(text.substr(0, unit_at)));
    if (!count || unit_at == std::string_view::npos) return count;
    std::string_view unit = trimmed(text.substr(unit_at));
    if (unit.ends_with("iB")) unit.remove_suffix(2);
    if (unit.ends_with('B')) unit.remove_suffix(1);
    if (unit.empty()) return count;
    const std::size_t power = std::string_view("KMGTP").find(unit);
    if (unit.size() != 1 || power == std::string_view::npos) return {};
    return *count * std::pow(1024.0, static_cast<double>(power) + 1);
}

/// "1h 2m 3.5s", "250ms", or plain milliseconds, in seconds.
std::optional<double> nextflow_time(std::string_view text) {
    if (const std::optional<double> milliseconds = number(text)) return *milliseconds / 1000;
    static const std::map<std::string_view, double> units{
        {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    double seconds = 0;
    while (!text.empty()) {
        const auto unit_at = text.find_first_not_of("0123456789.");
        if (unit_at == 0 || unit_at == std::string_view::npos) return {};
        const auto next = std::min(text.find_first_of("0123456789. ", unit_at), text.size());
        const auto unit = units.find(text.substr(unit_at, next - unit_at));
        const std::optional<double> count = number(text.substr(0, unit_at));
        if (!count || unit == units.end()) return {};
        seconds += *count * unit->second;
        text = trimmed(text.substr(next));
    }
    return seconds;
}

/// A header and the faults found below it.
class Table {
public:
    Table(std::string_view header, char separator, std::string name)
        : separator_(separator), name_(std::move(name)) {
        const Cells names = split(header, separator);
        for (std::size_t i = 0; i < names.size(); ++i) columns_.emplace(names[i], i);
        width_ = names.size();
    }

    bool has(const char* column) const { return columns_.contains(column); }
    const char* first_of(std::initializer_list<const char*> names) const {
        for (const char* name : names) {
            if (has(name)) return name;
        }
        return nullptr;
    }

    /// Takes up a line; false and a fault if it is not as wide as the header.
    bool take(std::string_view line, std::size_t line_number) {
        cells_ = split(line, separator_);
        line_ = line_number;
        if (cells_.size() == width_) return true;
        fault(fmt::format("{} columns, the header has {}", cells_.size(), width_));
        return false;
    }

    std::string text(const char* column) const {
        const auto found = columns_.find(column ? column : "");
        return found == columns_.end() ? std::string() : cells_[found->second];
    }

    /// A number that is not negative; nothing where the cell is empty or "-", nothing and a fault
    /// otherwise.
    std::optional<double> amount(const char* column, Reading read, double largest) {
        const std::string cell = text(column);
        if (cell.empty() || cell == "-") return {};
        const std::optional<double> value = read(cell);
        if (!value) {
            fault(fmt::format("{}: \"{}\" is not a number", column, cell));
        } else if (*value < 0 || *value > largest) {
            fault(fmt::format("{}: {} is {}", column, cell, *value < 0 ? "negative" : "too large"));
        } else {
            return value;
        }
        return {};
    }
    std::optional<Bytes> size(const char* column, Reading read) {
        const std::optional<double> value =
            column ? amount(column, read, kLargestSize) : std::nullopt;
        if (!value) return {};
        return Bytes{std::llround(*value)};
    }
    std::optional<Seconds> time(const char* column, Reading read) {
        const std::optional<double> value = amount(column, read, 1e10);
        if (!value) return {};
        return Seconds{*value};
    }

    bool faulty_since(std::size_t before) const { return faults_.size() > before; }
    std::size_t faults() const { return faults_.size(); }
    void fault(const std::string& what) {
        faults_.push_back(fmt::format("{}:{}: error: {}", name_, line_, what));
    }
    void fail_if_faulty() const {
        if (faults_.empty()) return;
        std::string all;
        for (std::size_t i = 0; i < std::min(faults_.size(), kFaultsShown); ++i) {
            all += (i > 0 ? "\n" : "") + faults_[i];
        }
        if (faults_.size() > kFaultsShown) {
            all += fmt::format("\n{}: and {} more", name_, faults_.size() - kFaultsShown);
        }
        throw Error(
            ExitCode::bad_input, all,
            "sizes are in bytes, times in seconds; leave a cell empty where it is not known");
    }

private:
    char separator_;
    std::string name_;
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::size_t width_ = 0;
    Cells cells_;
    std::size_t line_ = 1;
    std::vector<std::string> faults_;
};

std::optional<TraceTask> plain_task(Table& table) {
    const std::size_t before = table.faults();
    TraceTask task;
    task.group = table.text("group");
    task.input = table.size("input_bytes", number);
    task.requested = table.size("requested_bytes", number);
    const std::optional<Bytes> peak = table.size("peak_rss_bytes", number);
    const std::optional<Seconds> seconds = table.time("seconds", number);
    if (!table.faulty_since(before)) {
        if (!peak) table.fault("peak_rss_bytes: missing");
        if (!seconds) table.fault("seconds: missing");
    }
    if (table.faulty_since(before)) return {};
    task.peak = *peak;
    task.seconds = *seconds;
    return task;
}

bool finished(const std::string& status) {
    return status.empty() || status == "-" || status == "COMPLETED" || status == "CACHED";
}

std::optional<TraceTask> nextflow_task(Table& table) {
    if (!finished(table.text("status"))) return {};
    TraceTask task;
    task.group = table.text(table.first_of({"process", "name"}));
    if (!table.has("process")) task.group = task.group.substr(0, task.group.find(" ("));
    task.input = table.size(table.first_of({"input_bytes", "rchar", "read_bytes"}), nextflow_size);
    task.requested = table.size(table.first_of({"memory"}), nextflow_size);
    const std::optional<Bytes> peak = table.size("peak_rss", nextflow_size);
    const std::optional<Seconds> seconds = table.time("realtime", nextflow_time);
    if (!peak || !seconds) return {};
    task.peak = *peak;
    task.seconds = *seconds;
    return task;
}

using TaskReading = std::optional<TraceTask> (*)(Table&);

TaskReading reading_for(const Table& table, const std::string& name) {
    if (table.has("group") && table.has("peak_rss_bytes") && table.has("seconds"))
        return plain_task;
    if (table.has("peak_rss") && table.has("realtime") && table.first_of({"process", "name"})) {
        return nextflow_task;
    }
    throw Error(
        ExitCode::bad_input,
        fmt::format("{}:1: error: not the header of a trace that is known here", name),
        "wanted: group,input_bytes,peak_rss_bytes,seconds,requested_bytes; or Nextflow's trace "
        "with "
        "process, peak_rss and realtime; or sacct --parsable2 with JobID, JobName, State, Elapsed, "
        "MaxRSS and ReqMem");
}

}  // namespace

std::vector<TraceTask> parse_trace(std::string_view text, const std::string& name) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const std::string_view header = text.substr(0, text.find('\n'));
    const char separator = header.find('\t') != std::string_view::npos ? '\t' : ',';
    Table table(header, separator, name);
    const TaskReading read = reading_for(table, name);

    std::vector<TraceTask> trace;
    std::int64_t row = 0;
    std::size_t line_number = 1;
    std::size_t at = header.size();
    while (at < text.size()) {
        const std::size_t begin = at + 1;
        at = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, at - begin);
        ++line_number;
        if (trimmed(line).empty()) continue;
        ++row;
        if (!table.take(line, line_number)) continue;
        if (std::optional<TraceTask> task = read(table)) {
            task->row = row;
            trace.push_back(std::move(*task));
        }
    }
    table.fail_if_faulty();
    return trace;
}

}  // namespace amorsize
