#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace amorsize::run {

/// A new file that only grows. Throws Error (environment) when the disk is full or the file system
/// fails; what was written until then stays, and readers tolerate a torn end.
class AppendFile {
public:
    /// The file must not exist yet.
    explicit AppendFile(std::string path);
    AppendFile(const AppendFile&) = delete;
    AppendFile& operator=(const AppendFile&) = delete;
    ~AppendFile();

    void write(std::string_view bytes);

    int descriptor() const { return fd_; }
    std::int64_t size() const { return size_; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
    int fd_;
    std::int64_t size_ = 0;
};

/// The error for a run that cannot be recorded any further: exit code 5, and the hint that it can
/// be resumed.
[[noreturn]] void throw_storage_error(const std::string& action, const std::string& path,
                                      int error);

}  // namespace amorsize::run
