#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amorsize {

/// The candidate a misspelt word most likely meant; empty if none is near. Case, '_' against '-'
/// and swapped neighbours count little.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "a, b or c".
std::string one_of(const std::vector<std::string>& words);

}  // namespace amorsize
