#pragma once

#include <optional>
#include <string>

namespace amorsize::cli {

/// What the elements of a plan's job array left, added up, as text or JSON; nothing if the plan is
/// no array or was run as a whole. Throws Error (bad_input) if it cannot be read.
std::optional<std::string> array_report(const std::string& plan, bool json);

}  // namespace amorsize::cli
