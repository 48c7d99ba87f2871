#include "mpi/run/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "mpi/run/append_file.hpp"

namespace amorsize::run {

TextFile::TextFile(std::string path)
    : path_(std::move(path)),
      part_path_(path_ + ".part"),
      file_(::open(part_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
    if (!file_.open()) throw_storage_error("create", part_path_, errno);
}

TextFile::~TextFile() {
    if (file_.open()) ::unlink(part_path_.c_str());
}

void TextFile::append(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file_.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw_storage_error("write", path_, written == 0 ? ENOSPC : errno);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void TextFile::replace() {
    if (::rename(part_path_.c_str(), path_.c_str()) != 0)
        throw_storage_error("replace", path_, errno);
    file_.close();
}

}  // namespace amorsize::run
