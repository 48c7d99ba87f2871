#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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
    const std::string& kept() const { return kept_; }
    bool complete() const { return static_cast<std::size_t>(total_.value) == kept_.size(); }
    std::string tail() const;

private:
    void take(std::string_view text);

    FileDescriptor pipe_;
    std::size_t keep_;
    Bytes total_;
    std::string kept_;
    std::string tail_;
};

}  // namespace amorsize::measure
