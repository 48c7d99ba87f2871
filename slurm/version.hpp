#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace amorsize::slurm {

/// A Slurm release: 22.05.8 is year 22, month 5, patch 8.
struct Version {
    int year = 0;
    int month = 0;
    int patch = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
};

/// The first release number in `text`: "slurm-wlm 22.05.8", "slurm 23.11.0-0rc1", "24.05". Nothing
/// if there is none.
std::optional<Version> parse_version(std::string_view text);
/// "22.05.8".
std::string to_string(const Version&);

}  // namespace amorsize::slurm
