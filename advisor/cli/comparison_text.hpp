#pragma once

#include <string>
#include <vector>

#include "advisor/core/comparison.hpp"

namespace amorsize::cli {

/// The comparison as a table: what a row is, the names of the columns, then a line a row.
std::vector<std::string> comparison_lines(const Comparison&);

}  // namespace amorsize::cli
