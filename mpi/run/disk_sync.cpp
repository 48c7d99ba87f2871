#include "mpi/run/disk_sync.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace amorsize::run {

DiskSync::DiskSync(std::vector<int> descriptors)
    : descriptors_(std::move(descriptors)), thread_([this] { work(); }) {}

DiskSync::~DiskSync() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ended_.notify_one();
    thread_.join();
}

void DiskSync::work() {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::seconds(1), [this] { return ending_; })) {
        lock.unlock();
        sync();
        lock.lock();
    }
    sync();
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
