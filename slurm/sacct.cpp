#include "slurm/sacct.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "advisor/core/error.hpp"
#include "slurm/step_memory.hpp"

namespace amorsize::slurm {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    if (!std::isfinite(value) || value < 0) return {};
    return value;
}

int count_of(std::string_view text) {
    return static_cast<int>(std::clamp(number(text).value_or(1), 1.0, 1e8));
}

/// What follows `name` in a list like "cpu=00:00:01,mem=1234K,pages=0"; "" if it is not there.
std::string_view amount(std::string_view resources, std::string_view name) {
    for (std::string_view part : split(resources, ',')) {
        if (part.starts_with(name)) return part.substr(name.size());
    }
    return {};
}

Bytes memory_in(std::string_view resources) {
    return accounted_memory(amount(resources, "mem=")).value_or(Bytes{});
}

Seconds cpu_time_in(std::string_view resources) {
    return accounted_time(amount(resources, "cpu=")).value_or(Seconds{});
}

/// The headings, by their place.
class Columns {
public:
    explicit Columns(std::string_view headings) {
        for (std::string_view heading : split(headings, '|')) places_.emplace(heading, width_++);
    }
    std::size_t width() const { return width_; }
    /// Beyond the last if there is no such column.
    std::size_t place(std::string_view heading) const {
        const auto found = places_.find(heading);
        return found == places_.end() ? width_ : found->second;
    }
    bool has(std::string_view heading) const { return places_.contains(heading); }
    bool name_is_last() const { return place("JobName") + 1 == width_; }

private:
    std::map<std::string_view, std::size_t> places_;
    std::size_t width_ = 0;
};

/// One line under its headings.
class Line {
public:
    Line(const Columns& columns, std::string_view text)
        : columns_(columns), cells_(split(text, '|')) {
        give_surplus_to_name();
    }
    std::size_t width() const { return cells_.size(); }
    std::string_view operator[](std::string_view column) const {
        const std::size_t place = columns_.place(column);
        return place < cells_.size() ? cells_[place] : "";
    }

private:
    void give_surplus_to_name() {
        const std::size_t name = columns_.place("JobName");
        if (cells_.size() <= columns_.width() || name == columns_.width()) return;
        const std::size_t surplus = cells_.size() - columns_.width();
        const std::string_view last = cells_[name + surplus];
        cells_[name] = {cells_[name].data(), last.data() + last.size()};
        const auto after = cells_.begin() + static_cast<std::ptrdiff_t>(name) + 1;
        cells_.erase(after, after + static_cast<std::ptrdiff_t>(surplus));
    }

    const Columns& columns_;
    std::vector<std::string_view> cells_;
};

/// ReqMem counts per node if it ends in "n" and per CPU in "c", as until Slurm 21.08, and otherwise
/// for the whole job. What was granted is told more plainly, but not for a job that waits.
std::optional<Bytes> requested_per_node(const Line& line) {
    const double nodes = count_of(line["NNodes"]);
    if (const Bytes granted = memory_in(line["AllocTRES"]); granted.value > 0)
        return granted / nodes;
    const std::string_view text = line["ReqMem"];
    const std::optional<Bytes> size = accounted_memory(text);
    if (!size || text.ends_with('n')) return size;
    return text.ends_with('c') ? *size * std::ceil(count_of(line["AllocCPUS"]) / nodes)
                               : *size / nodes;
}

std::optional<Bytes> peak_per_node(const Line& line) {
    const Bytes sum = memory_in(line["TRESUsageInTot"]);
    const std::optional<Bytes> largest = accounted_memory(line["MaxRSS"]);
    if (!largest && sum.value <= 0) return {};
    return fullest_node(largest.value_or(sum), memory_in(line["TRESUsageInMin"]), sum,
                        count_of(line["NTasks"]), count_of(line["NNodes"]));
}

/// CPU times are whole seconds: what is shorter than some ten tells nothing of balance.
std::optional<Fraction> task_balance(const Line& line) {
    constexpr Seconds kShortest{10};
    const int tasks = count_of(line["NTasks"]);
    const Seconds largest = cpu_time_in(line["TRESUsageInMax"]);
    if (tasks < 2 || largest < kShortest) return {};
    return Fraction{cpu_time_in(line["TRESUsageInTot"]) / largest / tasks};
}

JobRecord job_from(const Line& line) {
    JobRecord job;
    job.id = line["JobID"];
    job.raw_id = line["JobIDRaw"];
    job.name = line["JobName"];
    job.user = line["User"];
    job.partition = line["Partition"];
    job.state = split(line["State"], ' ').front();
    job.elapsed = accounted_time(line["Elapsed"]).value_or(Seconds{});
    job.time_limit = accounted_time(line["Timelimit"]);
    job.nodes = count_of(line["NNodes"]);
    job.cpus = count_of(line["AllocCPUS"]);
    job.requested_per_node = requested_per_node(line);
    job.peak_per_node = peak_per_node(line);
    job.cpu_time = accounted_time(line["TotalCPU"]);
    return job;
}

/// A job and what is still needed of its steps while they are read.
struct OpenJob {
    JobRecord record;
    std::vector<StepMemory> memory;
    Seconds longest_srun;
};

void fold_step(OpenJob& open, const Line& line, std::string_view step) {
    JobRecord& job = open.record;
    ++job.steps;
    if (const std::optional<Bytes> peak = peak_per_node(line)) {
        open.memory.push_back({std::string(line["NodeList"]), std::string(line["Start"]),
                               std::string(line["End"]), *peak});
    }
    if (line["State"].starts_with("OUT_OF_ME") && !job.succeeded()) job.state = "OUT_OF_MEMORY";
    if (step.empty() || step.front() < '0' || step.front() > '9') return;
    job.tasks = std::max(job.tasks, count_of(line["NTasks"]));
    const Seconds elapsed = accounted_time(line["Elapsed"]).value_or(Seconds{});
    if (const auto balance = task_balance(line); balance && elapsed > open.longest_srun) {
        open.longest_srun = elapsed;
        job.task_balance = balance;
    }
}

JobRecord closed(OpenJob open) {
    if (!open.memory.empty()) open.record.peak_per_node = most_at_once(open.memory);
    return std::move(open.record);
}

}  // namespace

bool JobRecord::ended() const {
    static constexpr std::array<std::string_view, 8> going_on{
        "PENDING",      "RUNNING",     "SUSPENDED",  "RESIZING",
        "REQUEUE_HOLD", "CONFIGURING", "COMPLETING", ""};
    return std::find(going_on.begin(), going_on.end(), state) == going_on.end();
}

std::optional<Bytes> accounted_memory(std::string_view text) {
    if (text.ends_with('n') || text.ends_with('c')) text.remove_suffix(1);
    if (text.empty()) return {};
    double factor = 1;
    if (const auto power = std::string_view("KMGTPE").find(text.back());
        power != std::string_view::npos) {
        factor = std::pow(1024.0, static_cast<double>(power) + 1);
        text.remove_suffix(1);
    }
    const std::optional<double> count = number(text);
    if (!count || *count * factor > 9e18 || *count <= 0) return {};
    return Bytes{std::llround(*count * factor)};
}

std::optional<Seconds> accounted_time(std::string_view text) {
    double seconds = 0;
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        const std::optional<double> days = number(text.substr(0, dash));
        if (!days) return {};
        seconds = *days * 86400;
        text.remove_prefix(dash + 1);
    }
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() < 2 || parts.size() > 3) return {};
    double scale = parts.size() == 3 ? 3600 : 60;
    for (std::string_view part : parts) {
        const std::optional<double> count = number(part);
        if (!count) return {};
        seconds += *count * scale;
        scale /= 60;
    }
    return Seconds{seconds};
}

bool looks_like_sacct(std::string_view text) {
    const std::vector<std::string_view> headings =
        split(text.substr(0, text.find_first_of("\r\n")), '|');
    return headings.size() > 1 &&
           std::find(headings.begin(), headings.end(), "JobID") != headings.end();
}

std::vector<JobRecord> parse_sacct(std::string_view text, const std::string& name) {
    std::vector<std::string_view> lines = split(text, '\n');
    for (std::string_view& line : lines) {
        if (line.ends_with('\r')) line.remove_suffix(1);
    }
    const Columns columns(lines.front());
    for (const char* wanted : {"JobID", "State", "Elapsed"}) {
        if (columns.has(wanted)) continue;
        throw Error(ExitCode::bad_input, fmt::format("{}:1: error: no column {}", name, wanted),
                    fmt::format("sacct --parsable2 --format={}", kSacctFields));
    }

    std::vector<OpenJob> open;
    std::map<std::string, std::size_t, std::less<>> latest;  // a requeued job's id comes again
    std::string faults;
    bool in_job = false;  // not in a step, whose name may go on too
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        const Line line(columns, lines[i]);
        if (line.width() < columns.width() && columns.name_is_last() && !open.empty()) {
            if (in_job) open.back().record.name += "\n" + std::string(lines[i]);
            continue;
        }
        if (line.width() != columns.width()) {
            faults +=
                fmt::format("{}{}:{}: error: {} columns, the header has {}",
                            faults.empty() ? "" : "\n", name, i + 1, line.width(), columns.width());
            continue;
        }
        const std::string_view id = line["JobID"];
        const std::string_view owner = id.substr(0, id.find('.'));
        const auto known = latest.find(owner);
        in_job = owner == id;
        if (in_job) {
            latest.insert_or_assign(std::string(id), open.size());
            open.push_back({job_from(line), {}, {}});
        } else if (known != latest.end()) {
            fold_step(open[known->second], line, id.substr(owner.size() + 1));
        }
    }
    if (!faults.empty()) {
        throw Error(ExitCode::bad_input, faults,
                    "if a job's name holds a line break, let JobName be the last of the columns");
    }
    std::vector<JobRecord> jobs;
    jobs.reserve(open.size());
    for (OpenJob& job : open) jobs.push_back(closed(std::move(job)));
    return jobs;
}

}  // namespace amorsize::slurm
