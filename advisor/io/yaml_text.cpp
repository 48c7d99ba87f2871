#include "advisor/io/yaml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace amorsize {

namespace {

using Json = nlohmann::ordered_json;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Words that some reader takes for something else than text.
bool is_reserved(std::string_view text) {
    static constexpr std::array<std::string_view, 9> words{"y",   "n",    "yes",   "no",  "on",
                                                           "off", "true", "false", "null"};
    std::string word(text);
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_plain(std::string_view text) {
    const auto fits = [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
               c == '/';
    };
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), fits) && !is_reserved(text);
}

std::string flow(const Json& value) {
    if (value.is_string()) return yaml_scalar(value.get_ref<const std::string&>());
    if (!value.is_structured()) return value.dump();
    std::string text;
    for (const auto& [key, item] : value.items()) {
        if (!text.empty()) text += ", ";
        text += value.is_object() ? yaml_scalar(key) + ": " + flow(item) : flow(item);
    }
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

bool goes_on_lines(const Json& value, int depth) {
    if (depth <= 0 || value.empty()) return false;
    if (value.is_object()) return true;
    return value.is_array() && std::any_of(value.begin(), value.end(),
                                           [](const Json& item) { return item.is_object(); });
}

void write_lines(const Json& value, int depth, const std::string& indent, std::string& out) {
    for (const auto& [key, item] : value.items()) {
        const std::string head = value.is_object() ? yaml_scalar(key) + ":" : "-";
        if (value.is_object() && goes_on_lines(item, depth - 1)) {
            out += indent + head + "\n";
            write_lines(item, depth - 1, indent + "  ", out);
        } else {
            out += indent + head + " " + flow(item) + "\n";
        }
    }
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
    if (is_plain(text)) return std::string(text);
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (c == '\n') {
            quoted += "\\n";
        } else if (c == '\t') {
            quoted += "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

std::string yaml_text(const Json& value, int block_depth) {
    std::string out;
    write_lines(value, block_depth, "", out);
    return out;
}

}  // namespace amorsize
