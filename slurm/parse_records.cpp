#include "slurm/parse_records.hpp"

#include <algorithm>
#include <cctype>

namespace amorsize::slurm {
namespace {

bool is_key_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/';
}

// The length of the key in "Key=Value", 0 if the word has none.
std::size_t key_length(std::string_view word) {
    const auto end = word.find('=');
    if (end == std::string_view::npos || end == 0) return 0;
    const bool starts_like_a_key = std::isupper(static_cast<unsigned char>(word[0])) != 0;
    const auto key = word.substr(0, end);
    return starts_like_a_key && std::all_of(key.begin(), key.end(), is_key_character) ? end : 0;
}

Record parse_line(std::string_view line) {
    Record record;
    std::string* value = nullptr;
    for (const auto& word : split(line, ' ')) {
        if (word.empty()) continue;
        if (const auto length = key_length(word); length > 0) {
            // The first one counts: free text at the end (Reason, Comment, Extra) may look like a
            // field.
            const auto [entry, fresh] =
                record.try_emplace(word.substr(0, length), word.substr(length + 1));
            value = fresh ? &entry->second : nullptr;
        } else if (value != nullptr) {
            *value += ' ' + word;
        }
    }
    return record;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string field(const Record& record, std::string_view name) {
    const auto entry = record.find(name);
    if (entry == record.end() || entry->second.starts_with("(null")) return {};
    return entry->second;
}

std::vector<Record> parse_one_line_records(std::string_view text) {
    std::vector<Record> records;
    for (const auto& line : split(text, '\n')) {
        if (auto record = parse_line(trimmed(line)); !record.empty()) {
            records.push_back(std::move(record));
        }
    }
    return records;
}

Record parse_config(std::string_view text) {
    Record record;
    for (const auto& line : split(text, '\n')) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const auto key = trimmed(std::string_view(line).substr(0, equals));
        const bool is_key =
            !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c != ' '; });
        if (is_key)
            record.try_emplace(std::string(key),
                               trimmed(std::string_view(line).substr(equals + 1)));
    }
    return record;
}

std::vector<Record> parse_columns(std::string_view text, const std::vector<std::string>& names) {
    std::vector<Record> records;
    for (const auto& line : split(text, '\n')) {
        const auto values = split(trimmed(line), '|');
        if (values.size() != names.size()) continue;
        Record record;
        for (std::size_t i = 0; i < names.size(); ++i) record[names[i]] = values[i];
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<std::string> parse_mpi_list(std::string_view text) {
    constexpr std::string_view specific = "specific pmix plugin versions available:";
    std::vector<std::string> types;
    const auto add = [&](std::string_view type) {
        const bool is_type = !type.empty() && type.find(' ') == std::string_view::npos;
        if (is_type && std::find(types.begin(), types.end(), type) == types.end()) {
            types.emplace_back(type);
        }
    };
    for (const auto& line : split(text, '\n')) {
        auto rest = trimmed(line);
        if (rest.starts_with("srun: ")) rest = trimmed(rest.substr(6));
        if (rest.starts_with(specific)) {
            for (const auto& type : split(rest.substr(specific.size()), ',')) add(trimmed(type));
        } else {
            add(rest);
        }
    }
    return types;
}

}  // namespace amorsize::slurm
