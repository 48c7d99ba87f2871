#include "slurm/hooks/trusted_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>

namespace amorsize::hooks {

namespace {

constexpr off_t kMostRead = 64 << 10;
constexpr off_t kFullLog = 8 << 20;

bool is_ours(const struct stat& found) {
    return found.st_uid == 0 || found.st_uid == ::geteuid();
}

bool others_may_write(const struct stat& found) {
    return (found.st_mode & 022) != 0;
}

/// In a sticky folder others may add names, but not touch those of root.
bool may_be_passed(int folder) {
    struct stat found {};
    return ::fstat(folder, &found) == 0 && S_ISDIR(found.st_mode) && is_ours(found) &&
           (!others_may_write(found) || (found.st_mode & S_ISVTX) != 0);
}

bool write_all(int fd, std::string_view contents) {
    return ::write(fd, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size());
}

}  // namespace

std::optional<TrustedFolder> TrustedFolder::open(const std::string& path, bool make) {
    if (path.empty() || path.front() != '/') return std::nullopt;
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int folder = ::open("/", kFlags);
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '/');) {
        if (part.empty()) continue;
        if (folder < 0 || !may_be_passed(folder) || part == "..") break;
        if (make) ::mkdirat(folder, part.c_str(), 0755);
        const int next = ::openat(folder, part.c_str(), kFlags);
        ::close(folder);
        folder = next;
        if (folder < 0) return std::nullopt;
    }
    if (folder < 0) return std::nullopt;
    TrustedFolder opened(folder);
    struct stat found {};
    if (!may_be_passed(folder) || ::fstat(folder, &found) != 0 || others_may_write(found)) {
        return std::nullopt;
    }
    return opened;
}

int TrustedFolder::open_file(const std::string& name, int flags, mode_t mode) const {
    // O_NONBLOCK: opening a pipe must not hang.
    const int fd = ::openat(folder_->get(), name.c_str(),
                            flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
    struct stat found {};
    if (fd < 0) return fd;
    if (::fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && is_ours(found) &&
        !others_may_write(found) && found.st_nlink == 1) {
        return fd;
    }
    ::close(fd);
    return -1;
}

std::optional<std::string> TrustedFolder::read(const std::string& name) const {
    const Descriptor file(open_file(name, O_RDONLY));
    struct stat found {};
    if (file.get() < 0 || ::fstat(file.get(), &found) != 0 || found.st_size > kMostRead) {
        return std::nullopt;
    }
    std::string text(static_cast<std::size_t>(found.st_size), '\0');
    if (::read(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return std::nullopt;
    }
    return text;
}

bool TrustedFolder::replace(const std::string& name, std::string_view contents) const {
    const std::string fresh = "." + name + ".new";
    remove(fresh);  // of a hook that was killed
    const Descriptor file(open_file(fresh, O_WRONLY | O_CREAT | O_EXCL, 0644));
    if (file.get() < 0) return false;
    if (write_all(file.get(), contents) &&
        ::renameat(folder_->get(), fresh.c_str(), folder_->get(), name.c_str()) == 0) {
        return true;
    }
    remove(fresh);
    return false;
}

bool TrustedFolder::append(const std::string& name, std::string_view line) const {
    const Descriptor file(open_file(name, O_WRONLY | O_APPEND | O_CREAT, 0640));
    struct stat found {};
    if (file.get() < 0 || ::fstat(file.get(), &found) != 0) return false;
    if (!write_all(file.get(), line)) {
        // A full disk keeps no half lines.
        return ::ftruncate(file.get(), found.st_size) == 0 && false;
    }
    if (found.st_size > kFullLog) {
        ::renameat(folder_->get(), name.c_str(), folder_->get(), (name + ".1").c_str());
    }
    return true;
}

void TrustedFolder::remove(const std::string& name) const {
    ::unlinkat(folder_->get(), name.c_str(), 0);
}

std::unique_ptr<Descriptor> TrustedFolder::lock(const std::string& name, int patience_ms) const {
    auto file = std::make_unique<Descriptor>(open_file(name, O_RDWR | O_CREAT, 0600));
    if (file->get() < 0) return nullptr;
    while (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
        if (patience_ms <= 0) return nullptr;
        ::usleep(5000);
        patience_ms -= 5;
    }
    return file;
}

}  // namespace amorsize::hooks
