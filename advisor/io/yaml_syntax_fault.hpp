#pragma once

#include <optional>
#include <string>

#include "advisor/io/diagnostics.hpp"

namespace amorsize::yaml {

/// Notes what stopped the parser, in words that do not change with the library's version, and as
/// the hint what a person is likely to have overlooked before. `said` are the library's words,
/// `open` is where the innermost open bracket stands.
void add_syntax_fault(const std::string& said, Mark at, const std::optional<Mark>& open,
                      Diagnostics&);

}  // namespace amorsize::yaml
