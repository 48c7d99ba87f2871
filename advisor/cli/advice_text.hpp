#pragma once

#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize::cli {

/// The advice for people: the decision first, a screen at most; `explain` adds every reason, every
/// rejected alternative and every figure with its source. `directives` are all those of the script.
std::string advice_text(const Manifest&, std::int64_t items, const Advice&,
                        const std::vector<std::string>& directives, bool explain);

}  // namespace amorsize::cli
