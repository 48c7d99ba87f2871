#include "mpi/timed_messages.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace amorsize::mpi {

namespace {

using Clock = std::chrono::steady_clock;

/// Longer the longer nothing comes: answers within a millisecond where ranks are in step, next to
/// no processor time over a measurement of seconds.
class Pause {
public:
    void operator()() {
        std::this_thread::sleep_for(next_);
        next_ = std::min<Clock::duration>(next_ * 2, std::chrono::milliseconds(2));
    }

private:
    Clock::duration next_ = std::chrono::microseconds(20);
};

}  // namespace

Mailbox::~Mailbox() {
    for (Posted& posted : posted_) {
        if (posted.request == MPI_REQUEST_NULL) continue;
        MPI_Cancel(&posted.request);
        MPI_Request_free(&posted.request);
    }
}

void Mailbox::post(int to, int tag, std::string text) {
    Posted& posted = posted_.emplace_back();
    posted.text = std::move(text);
    check(MPI_Isend(posted.text.data(), static_cast<int>(posted.text.size()), MPI_BYTE, to, tag,
                    ranks_.get(), &posted.request),
          "send to another rank");
}

void Mailbox::progress() {
    for (auto at = posted_.begin(); at != posted_.end();) {
        int left = 0;
        check(MPI_Test(&at->request, &left, MPI_STATUS_IGNORE), "send to another rank");
        at = left != 0 ? posted_.erase(at) : std::next(at);
    }
}

bool Mailbox::flush(Deadline deadline) {
    for (Pause pause;; pause()) {
        progress();
        if (posted_.empty()) return true;
        if (Clock::now() >= deadline) return false;
    }
}

std::optional<Letter> Mailbox::receive(int from, int tag, Deadline deadline) {
    for (Pause pause;; pause()) {
        progress();
        int arrived = 0;
        MPI_Message message = MPI_MESSAGE_NULL;
        MPI_Status status;
        check(MPI_Improbe(from, tag, ranks_.get(), &arrived, &message, &status),
              "look for a message");
        if (arrived != 0) return take(message, status, deadline);
        if (Clock::now() >= deadline) return std::nullopt;
    }
}

std::optional<Letter> Mailbox::take(MPI_Message& message, const MPI_Status& status,
                                    Deadline deadline) {
    int length = 0;
    check(MPI_Get_count(&status, MPI_BYTE, &length), "receive a message");
    // In a list, so that the bytes stay where MPI writes them if the wait is given up.
    std::string& text = abandoned_.emplace_back(static_cast<std::size_t>(length), '\0');
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Imrecv(text.data(), length, MPI_BYTE, &message, &request), "receive a message");
    for (Pause pause;; pause()) {
        int here = 0;
        check(MPI_Test(&request, &here, MPI_STATUS_IGNORE), "receive a message");
        if (here != 0) break;
        if (Clock::now() >= deadline) return std::nullopt;
    }
    Letter letter{status.MPI_SOURCE, status.MPI_TAG, std::move(text)};
    abandoned_.pop_back();
    return letter;
}

}  // namespace amorsize::mpi
