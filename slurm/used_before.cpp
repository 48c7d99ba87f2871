#include "slurm/used_before.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace amorsize::slurm {

namespace {

constexpr std::size_t kMostJobs = 500;
constexpr double kAfterRunningOut = 2;

std::string_view next_cell(std::string_view& line) {
    const auto end = std::min(line.find('\t'), line.size());
    const std::string_view cell = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return cell;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return {};
    return value;
}

std::optional<UsedBefore> parse_line(std::string_view line) {
    UsedBefore job;
    job.id = next_cell(line);
    const auto nodes = number<int>(next_cell(line));
    const std::string_view time = next_cell(line);
    const std::string_view memory = next_cell(line);
    const auto seconds = number<std::int64_t>(time);
    const auto bytes = number<std::int64_t>(memory);
    job.name = line;
    const bool readable = (seconds || time == "-") && (bytes || memory == "-");
    if (!nodes || !readable || job.name.empty()) return {};
    job.nodes = *nodes;
    if (seconds) job.time = Seconds{static_cast<double>(*seconds)};
    if (bytes) job.memory_per_node = Bytes{*bytes};
    return job;
}

}  // namespace

std::optional<UsedBefore> used_by(const JobRecord& job) {
    const bool plain = std::none_of(job.name.begin(), job.name.end(), [](char letter) {
        return static_cast<unsigned char>(letter) < 32 || letter == 127;
    });
    if (job.name.empty() || !plain) return std::nullopt;
    UsedBefore used{job.id, job.name, job.nodes, {}, {}};
    if (job.succeeded()) {
        used.time = job.elapsed;
        used.memory_per_node = job.peak_per_node;
    } else if (job.state == "TIMEOUT") {
        used.time = job.elapsed * kAfterRunningOut;
    } else if (job.state == "OUT_OF_MEMORY" && job.requested_per_node) {
        used.memory_per_node = *job.requested_per_node * kAfterRunningOut;
    } else {
        return std::nullopt;
    }
    return used;
}

std::string to_text(const std::vector<UsedBefore>& jobs) {
    std::string text;
    for (const UsedBefore& job : jobs) {
        text += fmt::format("{}\t{}\t{}\t{}\t{}\n", job.id, job.nodes,
                            job.time ? fmt::format("{:.0f}", job.time->value) : "-",
                            job.memory_per_node ? std::to_string(job.memory_per_node->value) : "-",
                            job.name);
    }
    return text;
}

std::vector<UsedBefore> parse_used_before(std::string_view text) {
    std::vector<UsedBefore> jobs;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (auto job = parse_line(text.substr(0, end))) jobs.push_back(std::move(*job));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return jobs;
}

std::vector<UsedBefore> remembered(std::vector<UsedBefore> known,
                                   const std::vector<UsedBefore>& more) {
    for (const UsedBefore& job : more) {
        std::erase_if(known, [&](const UsedBefore& other) { return other.id == job.id; });
        known.push_back(job);
    }
    if (known.size() > kMostJobs)
        known.erase(known.begin(), known.end() - static_cast<std::ptrdiff_t>(kMostJobs));
    return known;
}

}  // namespace amorsize::slurm
