#include "advisor/measure/output_capture.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace amorsize::measure {

namespace {

constexpr std::size_t kTail = 4096;
constexpr int kPipeSize = 1 << 20;

}  // namespace

OutputCapture::OutputCapture(FileDescriptor pipe, std::size_t keep)
    : pipe_(std::move(pipe)), keep_(keep) {
    ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
    // A larger pipe, if allowed, lets a writer run on while we are not looking.
    ::fcntl(pipe_.get(), F_SETPIPE_SZ, kPipeSize);
}

void OutputCapture::read_available(std::size_t most) {
    std::array<char, 16384> buffer;
    std::size_t taken = 0;
    while (pipe_.is_open() && taken < most) {
        const ssize_t got = ::read(pipe_.get(), buffer.data(), buffer.size());
        if (got > 0) {
            take({buffer.data(), static_cast<std::size_t>(got)});
            taken += static_cast<std::size_t>(got);
        } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
            pipe_.reset();
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

void OutputCapture::take(std::string_view text) {
    total_.value += static_cast<std::int64_t>(text.size());
    lines_ += std::count(text.begin(), text.end(), '\n');
    const std::size_t room = keep_ - kept_.size();
    kept_.append(text.substr(0, room));
    kept_all_ = kept_all_ && text.size() <= room;
    tail_.append(text.substr(text.size() - std::min(text.size(), kTail)));
    if (tail_.size() > 4 * kTail) tail_.erase(0, tail_.size() - kTail);
}

std::string OutputCapture::tail() const {
    return tail_.size() > kTail ? tail_.substr(tail_.size() - kTail) : tail_;
}

}  // namespace amorsize::measure
