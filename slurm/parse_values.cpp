#include "slurm/parse_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "slurm/parse_records.hpp"

namespace amorsize::slurm {
namespace {

// Flags that do not keep jobs away, after the base states; what we have never heard of keeps them
// away.
constexpr std::array<std::string_view, 22> kTakingJobs{
    "IDLE",           "MIXED",       "ALLOCATED",     "COMPLETING", "COMPLETED",    "RESERVED",
    "PLANNED",        "CLOUD",       "DYNAMIC",       "POWER",      "POWERED_DOWN", "POWER_UP",
    "POWER_DOWN",     "POWERING_UP", "POWERING_DOWN", "PERFCTRS",   "NET",          "DYNAMIC_NORM",
    "DYNAMIC_FUTURE", "BLOCKED",     "EXTERNAL",      "CLEARED"};

std::optional<double> parse_number(std::string_view text, std::string_view& rest) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0 || !std::isfinite(value)) return std::nullopt;
    rest = text.substr(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<double> unit_of(std::string_view suffix) {
    if (suffix.empty()) return static_cast<double>(kMiB.value);
    switch (suffix.front()) {
        case 'K':
            return static_cast<double>(kKiB.value);
        case 'M':
            return static_cast<double>(kMiB.value);
        case 'G':
            return static_cast<double>(kGiB.value);
        case 'T':
            return static_cast<double>(kTiB.value);
        case 'P':
            return static_cast<double>(kTiB.value) * 1024;
        default:
            return std::nullopt;
    }
}

// "gpu:a100:4(S:0-1)" -> 4, "gpu:a100" -> 1
int gres_count(std::string_view entry) {
    const auto plain = entry.substr(0, entry.find('('));
    const auto colon = plain.rfind(':');
    if (colon == std::string_view::npos) return 1;
    return static_cast<int>(parse_count(plain.substr(colon + 1)).value_or(1));
}

}  // namespace

std::optional<std::int64_t> parse_count(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
    return value;
}

std::optional<Bytes> parse_memory(std::string_view text) {
    std::string_view suffix;
    const auto number = parse_number(text, suffix);
    if (!number) return std::nullopt;
    const auto unit = unit_of(suffix);
    if (!unit || *number * *unit > 9e18) return std::nullopt;
    return Bytes{static_cast<std::int64_t>(*number * *unit)};
}

std::optional<Seconds> parse_time(std::string_view text) {
    std::int64_t days = 0;
    const auto dash = text.find('-');
    if (dash != std::string_view::npos) {
        const auto parsed = parse_count(text.substr(0, dash));
        if (!parsed) return std::nullopt;
        days = *parsed;
        text.remove_prefix(dash + 1);
    }
    std::vector<std::int64_t> parts;
    for (const auto& part : split(text, ':')) {
        const auto value = parse_count(part);
        if (!value || *value < 0) return std::nullopt;
        parts.push_back(*value);
    }
    if (parts.size() > 3) return std::nullopt;
    // After days the first part is hours; without them one or two parts start at minutes.
    const bool from_hours = dash != std::string_view::npos || parts.size() == 3;
    if (!from_hours) parts.insert(parts.begin(), 0);
    parts.resize(3, 0);
    return Seconds{static_cast<double>(((days * 24 + parts[0]) * 60 + parts[1]) * 60 + parts[2])};
}

int parse_gpus(std::string_view gres) {
    int gpus = 0;
    int depth = 0;
    std::string entry;
    const auto finish = [&] {
        if (entry == "gpu" || entry.starts_with("gpu:")) gpus += gres_count(entry);
        entry.clear();
    };
    // Commas inside parentheses, as in "gpu:4(S:0,2)", belong to the entry.
    for (const char c : gres) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == ',' && depth == 0) {
            finish();
        } else {
            entry += c;
        }
    }
    finish();
    return gpus;
}

std::optional<std::string> parse_tres(std::string_view tres, std::string_view name) {
    for (const auto& entry : split(tres, ',')) {
        const auto equals = entry.find('=');
        if (equals != std::string::npos && std::string_view(entry).substr(0, equals) == name) {
            return entry.substr(equals + 1);
        }
    }
    return std::nullopt;
}

bool takes_jobs(std::string_view state) {
    for (const auto& flag : split(state, '+')) {
        // One sign may follow each name (node(5) of sinfo): * is "does not answer", $ is
        // maintenance,
        // @ and ^ a reboot; ~ # % ! - speak of power and of planning.
        const auto name_end = flag.find_last_not_of("*~#%!-@^$");
        const auto signs = name_end == std::string::npos ? flag : flag.substr(name_end + 1);
        const auto name =
            name_end == std::string::npos ? std::string{} : flag.substr(0, name_end + 1);
        if (signs.find_first_of("*$@^") != std::string::npos) return false;
        if (std::find(kTakingJobs.begin(), kTakingJobs.end(), name) == kTakingJobs.end())
            return false;
    }
    return true;
}

}  // namespace amorsize::slurm
