#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace amorsize::hooks {

using KeyValues = std::map<std::string, std::string>;

/// Lines "key=value", with blanks around either left out; "#" begins a comment line. Nothing if a
/// line is neither.
std::optional<KeyValues> parse_key_values(std::string_view text);
std::string to_text(const KeyValues&);
/// The value of a key, or "".
std::string value_of(const KeyValues&, const std::string& key);

}  // namespace amorsize::hooks
