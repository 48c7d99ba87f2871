#include "slurm/hooks/site.hpp"

#include <charconv>

#include "slurm/hooks/key_values.hpp"

namespace amorsize::hooks {

namespace {

std::string for_node(std::string path, const std::string& node) {
    const std::size_t at = path.find("%n");
    return at == std::string::npos ? path : path.replace(at, 2, node);
}

std::optional<Requests> requests_mode(const std::string& word) {
    if (word == "off") return Requests::off;
    if (word == "warn") return Requests::warn;
    if (word == "fill") return Requests::fill;
    return std::nullopt;
}

}  // namespace

std::optional<Site> parse_site(std::string_view text, const std::string& node) {
    const auto values = parse_key_values(text);
    if (!values || value_of(*values, "enabled") != "yes") return std::nullopt;
    Site site;
    for (const auto& [key, value] : *values) {
        if (key == "enabled") continue;
        if (key == "requests") {
            const auto mode = requests_mode(value);
            if (!mode) return std::nullopt;
            site.requests = *mode;
            continue;
        }
        std::string* path = key == "state" ? &site.state : key == "record" ? &site.record : nullptr;
        if (path == nullptr || value.empty() || value.front() != '/') return std::nullopt;
        *path = for_node(value, node);
    }
    return site;
}

std::optional<int> positive(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number <= 0) {
        return std::nullopt;
    }
    return number;
}

std::string plain_word(const std::string& text) {
    const bool plain = !text.empty() && text.size() <= 128 && text.front() != '.' &&
                       text.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
                           std::string::npos;
    return plain ? text : "?";
}

}  // namespace amorsize::hooks
