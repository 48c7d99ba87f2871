#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "advisor/core/units.hpp"
#include "advisor/measure/file_descriptor.hpp"

namespace amorsize::measure {

/// Reads what a process writes into a pipe: counts all of it, keeps a bounded start and a bounded
/// end.
class OutputCapture {
public:
    /// Keeps at most `keep` bytes from the start; the last 4 KiB in any case.
    OutputCapture(FileDescriptor pipe, std::size_t keep);

    int fd() const { return pipe_.get(); }
    bool open() const { return pipe_.is_open(); }
    /// Takes what is there now, at most `most` bytes; closes the pipe once its writers are gone.
    void read_available(std::size_t most = std::size_t{1} << 20);

    Bytes total() const { return total_; }
    std::int64_t lines() const { return lines_; }  ///< newlines so far
    const std::string& kept() const { return kept_; }
    bool complete() const { return kept_all_; }
    /// What was kept since the last call, and room for as much again.
    std::string take_kept() { return std::exchange(kept_, {}); }
    std::string tail() const;

private:
    void take(std::string_view text);

    FileDescriptor pipe_;
    std::size_t keep_;
    Bytes total_;
    std::int64_t lines_ = 0;
    bool kept_all_ = true;
    std::string kept_;
    std::string tail_;
};

}  // namespace amorsize::measure
