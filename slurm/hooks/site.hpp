#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace amorsize::hooks {

/// A variable of the hook's environment; nothing if it is not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

/// What the cli_filter does about a request that differs from its advice.
enum class Requests {
    off,
    warn,  ///< says so
    fill   ///< says so, and adds what was not asked for
};

/// What the administrator set in hooks.conf.
struct Site {
    std::string state = "/run/amorsize";       ///< of this boot, in memory: facts, running jobs
    std::string record = "/var/lib/amorsize";  ///< on disk: the node's class, the log
    Requests requests = Requests::off;
};

/// Reads hooks.conf; "%n" in a path is the node's name. Nothing, which turns the hooks off: with
/// `enabled = no`, and where a key or value is not known, since a misspelt switch must not leave
/// them on.
std::optional<Site> parse_site(std::string_view text, const std::string& node);

/// The number as far as it is one, whole and positive, of at most nine digits.
std::optional<int> positive(std::string_view text);
/// A word of letters, digits, '.', '_' and '-', as names of nodes and partitions are; else "?".
std::string plain_word(const std::string& text);

}  // namespace amorsize::hooks
