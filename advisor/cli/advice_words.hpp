#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize::cli {

// The words of an advice, however they are laid out.

struct Saying {
    std::string label;  ///< "time"
    std::string words;  ///< "9 min 24 s expected, ..."
};

/// "many-nodes: 1,000,000 items of ./simulate --seed {item}"; a long command is cut.
std::string title_of(const Manifest&, std::int64_t items);

/// The verdict, then what it takes: time, queue, request and cost. Only the verdict where nothing
/// fits. `directives` are all those of the script.
std::vector<Saying> decision_of(const Manifest&, std::int64_t items, const Advice&,
                                const std::vector<std::string>& directives);

/// "measured", "given".
const char* name_of(Source);

}  // namespace amorsize::cli
