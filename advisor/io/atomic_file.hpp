#pragma once

#include <string>
#include <string_view>

namespace amorsize {

/// Replaces the file at `path` with `contents` as one step: readers see the old file or the new one, whole,
/// and after a power cut too. Throws Error (environment) and leaves nothing behind if it cannot.
void write_file_atomically(const std::string& path, std::string_view contents, bool executable = false);

}  // namespace amorsize
