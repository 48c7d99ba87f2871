#include "advisor/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "advisor/core/error.hpp"

namespace amorsize {

namespace {

/// A temporary beside the target, removed unless it was renamed into place.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& target)
        : target_(target), path_(target + ".XXXXXX"), fd_(::mkstemp(path_.data())) {
        if (fd_ < 0) fail("create", errno);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (fd_ >= 0) ::close(fd_);
        if (!renamed_) ::unlink(path_.c_str());
    }

    void write(std::string_view contents) {
        while (!contents.empty()) {
            const ssize_t written = ::write(fd_, contents.data(), contents.size());
            if (written < 0 && errno != EINTR) fail("write", errno);
            if (written > 0) contents.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void rename_into_place(mode_t mode) {
        if (::fchmod(fd_, mode) != 0) fail("set the mode of", errno);
        if (::fsync(fd_) != 0) fail("write", errno);
        const int closed = ::close(fd_);
        fd_ = -1;
        if (closed != 0) fail("write", errno);
        if (::rename(path_.c_str(), target_.c_str()) != 0) fail("replace", errno);
        renamed_ = true;
    }

private:
    [[noreturn]] void fail(const char* action, int error) const {
        throw Error(ExitCode::environment,
                    fmt::format("cannot {} {}: {}", action, target_, std::strerror(error)),
                    "nothing was changed; choose another folder with --output DIR, or make room");
    }

    std::string target_;
    std::string path_;
    int fd_;
    bool renamed_ = false;
};

mode_t mode_for_new_files(bool executable) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return (executable ? 0777 : 0666) & ~mask;
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view contents, bool executable) {
    // A link stays a link: what it points to is replaced.
    std::error_code ignored;
    const std::filesystem::path resolved = std::filesystem::weakly_canonical(path, ignored);
    // A rename would put a plain file in the place of a device or a pipe.
    const auto kind = std::filesystem::status(path, ignored).type();
    if (std::filesystem::exists(std::filesystem::file_status(kind)) &&
        kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::unknown) {
        throw Error(ExitCode::environment, fmt::format("cannot replace {}: it is not a regular file", path),
                    "name a file, or a folder that has none of this name");
    }
    TemporaryFile file(resolved.empty() ? path : resolved.string());
    file.write(contents);
    file.rename_into_place(mode_for_new_files(executable));
}

}  // namespace amorsize
