#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/comparison.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize::cli {

/// The advice for people: the decision first, a screen at most. With a comparison it is explained:
/// every reason, every rejected alternative and every figure with its source. `directives` are all
/// those of the script.
std::string advice_text(const Manifest&, std::int64_t items, const Advice&,
                        const std::vector<std::string>& directives,
                        const std::optional<Comparison>& explained);

}  // namespace amorsize::cli
