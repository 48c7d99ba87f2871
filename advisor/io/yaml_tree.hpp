#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/io/diagnostics.hpp"

namespace amorsize::yaml {

enum class Kind { null, scalar, list, map };

/// A YAML value that remembers where it stood. Scalars are text: nothing is converted before a
/// reader asks.
struct Node {
    Kind kind = Kind::null;
    Mark mark;
    bool quoted = false;      ///< a scalar in quotes or a block: text, never a number
    std::string text;         ///< of a scalar
    std::vector<Node> items;  ///< of a list; of a map the values
    std::vector<Node> keys;   ///< of a map: scalars, as many as items, no two alike
};

/// What a text may cost. An alias counts as much as what it stands for.
struct TreeLimits {
    std::size_t bytes = std::size_t{4} << 20;
    std::size_t nodes = 200'000;
    int depth = 32;
};

/// The one document of a YAML text. Faults (syntax, duplicate keys, aliases that multiply, foreign
/// tags, several documents, bytes that are not UTF-8) go to `faults`; without a usable tree nothing
/// is returned.
std::optional<Node> parse(std::string_view text, Diagnostics& faults, const TreeLimits& = {});

}  // namespace amorsize::yaml
