#include "slurm/used_before.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace amorsize::slurm {

namespace {

constexpr std::size_t kMostJobs = 500;

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
    const auto seconds = number<std::int64_t>(next_cell(line));
    const std::string_view peak = next_cell(line);
    const auto bytes = number<std::int64_t>(peak);
    job.name = line;
    if (!nodes || !seconds || (!bytes && peak != "-") || job.name.empty()) return {};
    job.nodes = *nodes;
    job.elapsed = {static_cast<double>(*seconds)};
    if (bytes) job.peak_per_node = Bytes{*bytes};
    return job;
}

}  // namespace

std::optional<UsedBefore> used_by(const JobRecord& job) {
    const bool plain = std::none_of(job.name.begin(), job.name.end(), [](char letter) {
        return static_cast<unsigned char>(letter) < 32 || letter == 127;
    });
    if (!job.succeeded() || job.name.empty() || !plain) return std::nullopt;
    return UsedBefore{job.id, job.name, job.nodes, job.elapsed, job.peak_per_node};
}

std::string to_text(const std::vector<UsedBefore>& jobs) {
    std::string text;
    for (const UsedBefore& job : jobs) {
        text += fmt::format("{}\t{}\t{:.0f}\t{}\t{}\n", job.id, job.nodes, job.elapsed.value,
                            job.peak_per_node ? std::to_string(job.peak_per_node->value) : "-",
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
