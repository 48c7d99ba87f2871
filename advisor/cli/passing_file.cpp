#include "advisor/cli/passing_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "advisor/core/error.hpp"

namespace amorsize::cli {

namespace {

[[noreturn]] void fail(const std::string& path, int error) {
    throw Error(ExitCode::environment,
                fmt::format("cannot write {}: {}", path, std::strerror(error)),
                "is the disk full? TMPDIR names another folder");
}

}  // namespace

PassingFile::PassingFile()
    : path_((std::filesystem::temp_directory_path() / "amorsize-XXXXXX").string()),
      file_(::mkstemp(path_.data())) {
    if (file_ < 0) fail(path_, errno);
}

// The file exists once the other constructor is done, so that from there on the destructor runs.
PassingFile::PassingFile(const std::string& text) : PassingFile() {
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = ::write(file_, rest.data(), rest.size());
        if (written < 0 && errno != EINTR) fail(path_, errno);
        if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

PassingFile::~PassingFile() {
    ::close(file_);
    ::unlink(path_.c_str());
}

}  // namespace amorsize::cli
