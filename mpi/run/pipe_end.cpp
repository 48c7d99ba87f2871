#include "mpi/run/pipe_end.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "advisor/core/error.hpp"

namespace amorsize::run {

namespace {

[[noreturn]] void throw_no_descriptor() {
    throw Error(ExitCode::environment,
                std::string("cannot open a pipe to a worker: ") + std::strerror(errno),
                "a rank needs some five open files a worker; raise the limit (ulimit -n) or use "
                "more ranks");
}

/// Moves a descriptor that took the place of a closed 0, 1 or 2 out of a child's way.
Descriptor above_standard(int fd) {
    if (fd > 2) return Descriptor(fd);
    Descriptor low(fd);
    const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (moved < 0) throw_no_descriptor();
    return Descriptor(moved);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = other.release();
    }
    return *this;
}

void Descriptor::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

int Descriptor::release() {
    return std::exchange(fd_, -1);
}

Pipe make_pipe() {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_no_descriptor();
    return {above_standard(ends[0]), above_standard(ends[1])};
}

Descriptor open_for_reading(const char* path) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw_no_descriptor();
    return above_standard(fd);
}

std::size_t unread_bytes(const Descriptor& pipe) {
    int bytes = 0;
    return ::ioctl(pipe.get(), FIONREAD, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

bool nobody_reads(const Descriptor& write_end) {
    pollfd state{write_end.get(), 0, 0};
    return ::poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0;
}

void set_nonblocking(const Descriptor& descriptor) {
    ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

ReadResult read_available(const Descriptor& descriptor, std::string& text, std::size_t limit) {
    std::array<char, 65536> buffer;
    std::size_t total = 0;
    while (total < limit) {
        const std::size_t room = std::min(buffer.size(), limit - total);
        const ssize_t got = ::read(descriptor.get(), buffer.data(), room);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return total > 0 ? ReadResult::some : ReadResult::nothing_now;
        if (got == 0) return ReadResult::closed;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        total += static_cast<std::size_t>(got);
        // A short read has emptied the pipe.
        if (static_cast<std::size_t>(got) < room) break;
    }
    return ReadResult::some;
}

}  // namespace amorsize::run
