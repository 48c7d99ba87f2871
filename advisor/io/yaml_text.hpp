#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace amorsize {

/// A JSON value as YAML: mappings and lists of mappings a line each in block style down to
/// `block_depth`, what lies below on one line. Reads back the same everywhere: text that a reader
/// could take for another type is quoted.
std::string yaml_text(const nlohmann::ordered_json&, int block_depth = 2);

/// One text as a YAML scalar, quoted where needed.
std::string yaml_scalar(std::string_view);

}  // namespace amorsize
