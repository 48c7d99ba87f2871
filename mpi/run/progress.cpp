#include "mpi/run/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace amorsize::run {

namespace {

constexpr std::chrono::seconds kLongestInterval{300};

std::string time_left(double seconds) {
    const std::int64_t whole = std::llround(seconds);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace

std::string progress_line(std::int64_t items, std::int64_t done_before, const Tally& now,
                          double seconds) {
    const std::int64_t ended = now.done + now.failed;
    const std::int64_t left = items - done_before - ended;
    const double rate = seconds > 0 ? static_cast<double>(ended) / seconds : 0;
    const double share =
        items > 0 ? static_cast<double>(done_before + now.done) / static_cast<double>(items) : 1;
    std::string line =
        fmt::format("{} of {} done ({:.0f} %)", done_before + now.done, items, 100 * share);
    if (rate > 0)
        line += rate >= 10 ? fmt::format(", {:.0f}/s", rate) : fmt::format(", {:.2g}/s", rate);
    if (now.failed > 0) line += fmt::format(", {} failed", now.failed);
    if (rate > 0 && left > 0) line += ", " + time_left(static_cast<double>(left) / rate) + " left";
    return line;
}

Progress::Progress(std::int64_t items, std::int64_t done_before, bool terminal)
    : items_(items), done_before_(done_before), terminal_(terminal) {}

std::string Progress::show(const Tally& tally) {
    const auto now = SteadyClock::now();
    if (!terminal_ && now < next_) return {};
    next_ = now + interval_;
    interval_ = std::min(kLongestInterval, interval_ * 2);
    shown_ = true;
    const std::string line =
        progress_line(items_, done_before_, tally, seconds_between(started_, now));
    return terminal_ ? "\r" + line + "\x1b[K" : line + "\n";
}

std::string Progress::finish() const {
    return terminal_ && shown_ ? "\r\x1b[K" : "";
}

}  // namespace amorsize::run
