#include "slurm/sacct.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "advisor/core/error.hpp"

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

/// The "mem=..." of a list like "cpu=00:00:01,mem=1234K,pages=0".
std::optional<Bytes> memory_in(std::string_view resources) {
    for (std::string_view part : split(resources, ',')) {
        if (part.starts_with("mem=")) return accounted_memory(part.substr(4));
    }
    return {};
}

/// One line under its headings.
class Line {
public:
    Line(const std::map<std::string_view, std::size_t>& columns, std::string_view text)
        : columns_(columns), cells_(split(text, '|')) {}
    std::size_t width() const { return cells_.size(); }
    std::string_view operator[](std::string_view column) const {
        const auto found = columns_.find(column);
        return found == columns_.end() || found->second >= cells_.size() ? ""
                                                                         : cells_[found->second];
    }

private:
    const std::map<std::string_view, std::size_t>& columns_;
    std::vector<std::string_view> cells_;
};

/// ReqMem before Slurm 21.08 ends in "c" where it counts per CPU.
std::optional<Bytes> requested_per_node(const Line& line) {
    const std::string_view text = line["ReqMem"];
    const std::optional<Bytes> size = accounted_memory(text);
    if (!size || !text.ends_with('c')) return size;
    const int cpus_per_node =
        (count_of(line["AllocCPUS"]) + count_of(line["NNodes"]) - 1) / count_of(line["NNodes"]);
    return *size * static_cast<double>(cpus_per_node);
}

std::optional<Bytes> peak_per_node(const Line& line) {
    const int nodes = count_of(line["NNodes"]);
    if (const std::optional<Bytes> total = memory_in(line["TRESUsageInTot"]);
        total && total->value > 0) {
        return *total / static_cast<double>(nodes);
    }
    const std::optional<Bytes> largest = accounted_memory(line["MaxRSS"]);
    if (!largest || largest->value <= 0) return {};
    return *largest * std::ceil(static_cast<double>(count_of(line["NTasks"])) / nodes);
}

JobRecord job_from(const Line& line) {
    JobRecord job;
    job.id = line["JobID"];
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

void fold_step(JobRecord& job, const Line& line) {
    const std::optional<Bytes> peak = peak_per_node(line);
    if (peak && (!job.peak_per_node || *job.peak_per_node < *peak)) job.peak_per_node = peak;
    if (line["State"].starts_with("OUT_OF_ME") && !job.succeeded()) job.state = "OUT_OF_MEMORY";
    if (!job.requested_per_node) job.requested_per_node = requested_per_node(line);
}

}  // namespace

bool JobRecord::ended() const {
    static constexpr std::array<std::string_view, 9> going_on{
        "PENDING",      "RUNNING",     "SUSPENDED",  "REQUEUED", "RESIZING",
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
    std::map<std::string_view, std::size_t> columns;
    const std::vector<std::string_view> headings = split(lines.front(), '|');
    for (std::size_t i = 0; i < headings.size(); ++i) columns.emplace(headings[i], i);
    for (const char* wanted : {"JobID", "State", "Elapsed"}) {
        if (columns.contains(wanted)) continue;
        throw Error(ExitCode::bad_input, fmt::format("{}:1: error: no column {}", name, wanted),
                    fmt::format("sacct --parsable2 --format={}", kSacctFields));
    }

    std::vector<JobRecord> jobs;
    std::map<std::string, std::size_t, std::less<>> latest;  // a requeued job's id comes again
    std::string faults;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        const Line line(columns, lines[i]);
        if (line.width() != headings.size()) {
            faults +=
                fmt::format("{}{}:{}: error: {} columns, the header has {}",
                            faults.empty() ? "" : "\n", name, i + 1, line.width(), headings.size());
            continue;
        }
        const std::string_view id = line["JobID"];
        const std::string_view owner = id.substr(0, id.find('.'));
        const auto known = latest.find(owner);
        if (owner == id) {
            latest.insert_or_assign(std::string(id), jobs.size());
            jobs.push_back(job_from(line));
        } else if (known != latest.end()) {
            fold_step(jobs[known->second], line);
        }
    }
    if (!faults.empty()) {
        throw Error(ExitCode::bad_input, faults,
                    "a job's name may hold a bar: leave it out, or choose --delimiter");
    }
    return jobs;
}

}  // namespace amorsize::slurm
