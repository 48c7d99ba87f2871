#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace amorsize::run {

/// Makes what was written to some files survive the loss of the node, in a thread of its own: a
/// sync to a shared file system can take long, and the event loop must not wait for it. What is
/// written after a quiet second is synced at once, otherwise once a second. The thread touches
/// nothing but the descriptors and the members below.
class DiskSync {
public:
    /// Synced in this order. They must stay open for as long as this lives.
    explicit DiskSync(std::vector<int> descriptors);
    DiskSync(const DiskSync&) = delete;
    DiskSync& operator=(const DiskSync&) = delete;
    ~DiskSync();

    /// To be told of every write.
    void written();
    /// Syncs what is left and ends the thread: error() is the last word then.
    void finish();

    /// errno of the first sync that failed (a full disk can show here first); 0 if none did.
    int error() const { return error_.load(std::memory_order_relaxed); }

private:
    void work();
    void sync();

    std::vector<int> descriptors_;
    std::atomic<int> error_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool written_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace amorsize::run
