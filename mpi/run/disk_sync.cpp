#include "mpi/run/disk_sync.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace amorsize::run {

namespace {

/// Often enough for what the loss of a node repeats, seldom enough for a shared file system with
/// thousands of ranks.
constexpr auto kInterval = std::chrono::seconds(1);

}  // namespace

DiskSync::DiskSync(std::vector<int> descriptors)
    : descriptors_(std::move(descriptors)), thread_([this] { work(); }) {}

DiskSync::~DiskSync() {
    finish();
}

void DiskSync::finish() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void DiskSync::written() {
    {
        const std::lock_guard lock(mutex_);
        if (written_) return;
        written_ = true;
    }
    changed_.notify_one();
}

void DiskSync::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return written_ || ending_; });
        if (std::exchange(written_, false)) {
            lock.unlock();
            sync();
            lock.lock();
        }
        changed_.wait_for(lock, kInterval, [this] { return ending_; });
        if (ending_ && !written_) return;
    }
}

void DiskSync::sync() {
    for (const int descriptor : descriptors_) {
        // EINVAL, EROFS: not a file that can be synced.
        if (::fdatasync(descriptor) != 0 && errno != EINVAL && errno != EROFS) {
            int none = 0;
            error_.compare_exchange_strong(none, errno);
        }
    }
}

}  // namespace amorsize::run
