#include "slurm/version.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "advisor/core/text.hpp"

namespace amorsize::slurm {
namespace {

// YY.MM, then an optional .PATCH.
std::optional<Version> version_at(std::string_view text) {
    std::array<int, 3> parts{};
    std::size_t count = 0;
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    while (count < parts.size()) {
        const auto [next, error] = std::from_chars(at, end, parts[count]);
        if (error != std::errc{} || parts[count] < 0) break;
        ++count;
        at = next;
        if (at == end || *at != '.') break;
        ++at;
    }
    if (count < 2) return std::nullopt;
    return Version{parts[0], parts[1], parts[2]};
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool starts_number = is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1]));
        if (!starts_number) continue;
        if (const auto version = version_at(text.substr(i))) return version;
    }
    return std::nullopt;
}

std::string to_string(const Version& version) {
    return fmt::format("{:02}.{:02}.{}", version.year, version.month, version.patch);
}

}  // namespace amorsize::slurm
