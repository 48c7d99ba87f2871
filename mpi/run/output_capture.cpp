#include "mpi/run/output_capture.hpp"

namespace amorsize::run {

namespace {

/// At a time, so that one talkative item does not keep the loop from the others.
constexpr std::size_t kAtOnce = 1 << 18;

}  // namespace

OutputCapture::OutputCapture(Stream stream, Poller& poller, PollToken token)
    : stream_(stream), pipe_(make_pipe()) {
    set_nonblocking(pipe_.read_end);
    poller.watch_reading(pipe_.read_end.get(), token);
}

std::uint32_t OutputCapture::drain(OutputWriter& output, OutputKey key) {
    text_.clear();
    read_available(pipe_.read_end, text_, kAtOnce);
    key.stream = stream_;
    output.append(key, text_);
    return static_cast<std::uint32_t>(text_.size());
}

void OutputCapture::discard() {
    text_.clear();
    read_available(pipe_.read_end, text_, kAtOnce);
}

}  // namespace amorsize::run
