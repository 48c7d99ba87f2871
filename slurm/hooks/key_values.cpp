#include "slurm/hooks/key_values.hpp"

#include <fmt/format.h>

#include <sstream>

namespace amorsize::hooks {

namespace {

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::optional<KeyValues> parse_key_values(std::string_view text) {
    KeyValues values;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        line = trimmed(line);
        if (line.empty() || line.front() == '#') continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos || equals == 0) return std::nullopt;
        values[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
    return values;
}

std::string to_text(const KeyValues& values) {
    std::string text;
    for (const auto& [key, value] : values) text += fmt::format("{}={}\n", key, value);
    return text;
}

std::string value_of(const KeyValues& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string() : found->second;
}

}  // namespace amorsize::hooks
