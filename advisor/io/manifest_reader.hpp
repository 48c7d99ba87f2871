#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/manifest.hpp"

namespace amorsize {

/// Reads job.yaml. Throws Error (bad_input) whose what() lists every fault of the file with line,
/// column and hint.
Manifest read_manifest(const std::string& path);

/// The same of a text. `file_name` is what messages call it and what gives the job its name when
/// the text does not; `directory` is where relative paths start.
Manifest parse_manifest(std::string_view text, const std::string& file_name,
                        const std::string& directory);

}  // namespace amorsize
