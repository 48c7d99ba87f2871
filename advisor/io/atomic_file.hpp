#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amorsize {

/// Replaces the file at `path` with `contents` as one step: readers see the old file or the new
/// one, whole, and after a power cut too. Throws Error (environment) and leaves nothing behind if
/// it cannot.
void write_file_atomically(const std::string& path, std::string_view contents,
                           bool executable = false);

/// That the file at `path` can be made or replaced, as far as can be told without writing: asked
/// before work whose result would be lost. Throws Error (environment) if not.
void require_replaceable(const std::string& path);

struct FileToWrite {
    std::string path;
    std::string contents;
    bool executable = false;
};

/// The same for files that belong together: all are written out whole beside their places before
/// the first one is replaced, so that a full disk or a place that cannot be taken changes none of
/// them.
void write_files_atomically(const std::vector<FileToWrite>& files);

}  // namespace amorsize
