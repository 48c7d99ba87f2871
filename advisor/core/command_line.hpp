#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/manifest.hpp"

namespace amorsize {

/// What one start of the command is for.
struct Assignment {
    std::vector<std::string> items;  ///< one in mode exec, a chunk in mode batch, none otherwise
    std::int64_t index = 0;          ///< of the first item in the list
    int rank = 0;
    int worker = 0;  ///< within the rank
};

/// The argument vector that runs `command` for `assignment`.
///
/// A list never meets a shell: `{item}`, `{index}`, `{rank}` and `{worker}` are replaced inside
/// each element; an element that is `{items}` becomes one argument an item, inside a longer element
/// `{items}` is the items joined by spaces.
///
/// A string runs as `bash -c`. Items reach it as arguments, never as part of the text, so no item
/// can be read as shell code: `{item}` becomes a reference to a variable, quoted to suit where it
/// stands (bare, inside "", '', $'', `` or a here-document), `{items}` one word an item.
///
/// Throws Error (bad_input) for an item with a NUL, for `{item}` without an item, and for an item
/// inside a here-document whose delimiter is quoted.
std::vector<std::string> expand_command(const Command& command, const Assignment& assignment);

/// `word` as one word of a shell, for showing a command to a person: bare where that is safe.
std::string shell_quoted(std::string_view word);
/// The whole command as a person would type it.
std::string shell_quoted(const std::vector<std::string>& argv);

}  // namespace amorsize
