#include "mpi/run/append_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "advisor/core/error.hpp"

namespace amorsize::run {

void throw_storage_error(const std::string& action, const std::string& path, int error) {
    throw Error(
        ExitCode::environment, fmt::format("cannot {} {}: {}", action, path, std::strerror(error)),
        "make room there and run the same command again: it takes up where this run stopped");
}

AppendFile::AppendFile(std::string path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666)) {
    if (fd_ < 0) throw_storage_error("create", path_, errno);
}

AppendFile::~AppendFile() {
    ::close(fd_);
}

void AppendFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw_storage_error("write", path_, written == 0 ? ENOSPC : errno);
        size_ += written;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace amorsize::run
