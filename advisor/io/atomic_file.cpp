#include "advisor/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>

#include "advisor/core/error.hpp"

namespace amorsize {

namespace {

[[noreturn]] void fail(const char* action, const std::string& path, int error) {
    throw Error(ExitCode::environment,
                fmt::format("cannot {} {}: {}", action, path, std::strerror(error)),
                "nothing was changed; choose another folder with --output DIR, or make room");
}

/// A temporary beside the target, removed unless it was renamed into place.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& target)
        : target_(target), path_(target + ".XXXXXX"), fd_(::mkstemp(path_.data())) {
        if (fd_ < 0) failed_to("create");
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
            if (written < 0 && errno != EINTR) failed_to("write");
            if (written > 0) contents.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void make_durable(mode_t mode) {
        if (::fchmod(fd_, mode) != 0) failed_to("set the mode of");
        if (::fsync(fd_) != 0) failed_to("write");
        const int closed = ::close(fd_);
        fd_ = -1;
        if (closed != 0) failed_to("write");
    }

    void rename_into_place() {
        if (::rename(path_.c_str(), target_.c_str()) != 0) failed_to("replace");
        renamed_ = true;
    }

private:
    [[noreturn]] void failed_to(const char* action) const { fail(action, target_, errno); }

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

/// What is to be replaced: a link stays a link, so that is what it points to.
std::string place_of(const std::string& path) {
    std::error_code ignored;
    const std::filesystem::path resolved = std::filesystem::weakly_canonical(path, ignored);
    // A rename would put a plain file in the place of a device or a pipe.
    const auto kind = std::filesystem::status(path, ignored).type();
    if (std::filesystem::exists(std::filesystem::file_status(kind)) &&
        kind != std::filesystem::file_type::regular &&
        kind != std::filesystem::file_type::unknown) {
        throw Error(ExitCode::environment,
                    fmt::format("cannot replace {}: it is not a regular file", path),
                    "name a file, or a folder that has none of this name");
    }
    return resolved.empty() ? path : resolved.string();
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view contents, bool executable) {
    write_files_atomically({{path, std::string(contents), executable}});
}

void require_replaceable(const std::string& path) {
    const std::string parent = std::filesystem::path(place_of(path)).parent_path();
    const std::string folder = parent.empty() ? "." : parent;
    std::error_code ignored;
    if (std::filesystem::exists(folder, ignored) && !std::filesystem::is_directory(folder, ignored))
        throw Error(ExitCode::environment,
                    fmt::format("cannot write {}: {} is a file, not a folder", path, folder),
                    "name a folder");
    if (::access(folder.c_str(), W_OK | X_OK) == 0) return;
    if (errno != ENOENT) fail("write", path, errno);
    throw Error(ExitCode::environment,
                fmt::format("cannot write {}: there is no folder {}", path, folder),
                "make it first: mkdir -p " + folder);
}

void write_files_atomically(const std::vector<FileToWrite>& files) {
    std::deque<TemporaryFile> written;
    for (const FileToWrite& file : files) {
        written.emplace_back(place_of(file.path)).write(file.contents);
        written.back().make_durable(mode_for_new_files(file.executable));
    }
    for (TemporaryFile& file : written) file.rename_into_place();
}

}  // namespace amorsize
