#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace amorsize::run {

/// Who is concerned by a descriptor: the token comes back with each of its events.
struct PollToken {
    enum class Kind : std::uint8_t { signals, worker_out, worker_err, worker_in };
    Kind kind = Kind::signals;
    std::uint32_t worker = 0;
};

/// epoll: waits until a watched descriptor is ready.
class Poller {
public:
    Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;
    ~Poller();

    void watch_reading(int descriptor, PollToken token);
    void watch_writing(int descriptor, PollToken token);
    /// A descriptor that is closed everywhere need not be forgotten.
    void forget(int descriptor);

    /// Tokens of what is ready, at most `limit` later. The limit is honoured to the microsecond
    /// where the kernel can.
    const std::vector<PollToken>& wait(std::chrono::microseconds limit);

private:
    void add(int descriptor, std::uint32_t events, PollToken token);

    int fd_;
    std::vector<PollToken> ready_;
};

}  // namespace amorsize::run
