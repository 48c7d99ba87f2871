#include "mpi/run/poller.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "advisor/core/error.hpp"

namespace amorsize::run {

namespace {

std::uint64_t packed(PollToken token) {
    return static_cast<std::uint64_t>(token.kind) << 32 | token.worker;
}

PollToken unpacked(std::uint64_t value) {
    return {static_cast<PollToken::Kind>(value >> 32), static_cast<std::uint32_t>(value)};
}

}  // namespace

Poller::Poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (fd_ < 0) {
        throw Error(ExitCode::environment,
                    std::string("cannot wait for workers: ") + std::strerror(errno),
                    "raise the limit on open files (ulimit -n)");
    }
}

Poller::~Poller() {
    ::close(fd_);
}

void Poller::add(int descriptor, std::uint32_t events, PollToken token) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = packed(token);
    ::epoll_ctl(fd_, EPOLL_CTL_ADD, descriptor, &event);
}

void Poller::watch_reading(int descriptor, PollToken token) {
    add(descriptor, EPOLLIN, token);
}
void Poller::watch_writing(int descriptor, PollToken token) {
    add(descriptor, EPOLLOUT, token);
}
void Poller::forget(int descriptor) {
    ::epoll_ctl(fd_, EPOLL_CTL_DEL, descriptor, nullptr);
}

const std::vector<PollToken>& Poller::wait(std::chrono::microseconds limit) {
    std::array<epoll_event, 64> events;
    const auto microseconds = limit.count();
    int count = 0;
#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 35))
    const timespec precise{microseconds / 1'000'000, microseconds % 1'000'000 * 1000};
    count = ::epoll_pwait2(fd_, events.data(), events.size(), &precise, nullptr);
    if (count < 0 && errno == ENOSYS)
#endif
        count = ::epoll_wait(fd_, events.data(), events.size(),
                             static_cast<int>((microseconds + 999) / 1000));
    ready_.clear();
    for (int i = 0; i < count; ++i)
        ready_.push_back(unpacked(events[static_cast<std::size_t>(i)].data.u64));
    return ready_;
}

}  // namespace amorsize::run
