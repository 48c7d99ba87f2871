#pragma once

#include <string>
#include <string_view>

#include "mpi/run/pipe_end.hpp"

namespace amorsize::run {

/// A large text written in parts and put in place whole: replace() renames it over `path`; without
/// it nothing is left.
class TextFile {
public:
    explicit TextFile(std::string path);
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;
    ~TextFile();

    void append(std::string_view text);
    void replace();

private:
    std::string path_;
    std::string part_path_;
    Descriptor file_;
};

}  // namespace amorsize::run
