#include "mpi/ping_pong.hpp"

#include <sched.h>

#include "advisor/core/error.hpp"
#include "advisor/measure/measured.hpp"

namespace amorsize::mpi {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTag = 1;
constexpr int kSmall = 8;
constexpr int kLarge = 4 << 20;
/// Before the figures count: connections are made and buffers registered at first use.
constexpr int kWarmUp = 3;
constexpr int kSmallRounds = 500;
constexpr int kLargeRounds = 12;
/// For each size of message, where the network is so slow that the rounds take longer.
constexpr double kSecondsEach = 0.3;
/// First byte of a message: whether another follows.
constexpr char kMore = 'm';
constexpr char kLast = 'l';
constexpr int kTestsBeforeYielding = 2000;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

void PingPong::wait(MPI_Request& request, Deadline deadline) {
    for (int tests = 1;; ++tests) {
        int done = 0;
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "exchange messages");
        if (done != 0) return;
        if (tests % kTestsBeforeYielding != 0) continue;
        // The other rank may need this core.
        sched_yield();
        if (Clock::now() >= deadline) {
            MPI_Cancel(&request);
            throw Error(ExitCode::environment, "a message between nodes did not come in time");
        }
    }
}

void PingPong::exchange(int peer, int bytes, First first, Deadline deadline) {
    MPI_Request sending = MPI_REQUEST_NULL;
    MPI_Request receiving = MPI_REQUEST_NULL;
    check(MPI_Irecv(incoming_.data(), bytes, MPI_BYTE, peer, kTag, ranks_.get(), &receiving),
          "exchange messages");
    if (first == First::receive) wait(receiving, deadline);
    check(MPI_Isend(outgoing_.data(), bytes, MPI_BYTE, peer, kTag, ranks_.get(), &sending),
          "exchange messages");
    wait(sending, deadline);
    if (first == First::send) wait(receiving, deadline);
}

std::vector<double> PingPong::half_round_trips(int peer, int bytes, int most, Deadline deadline) {
    for (int i = 0; i < kWarmUp; ++i) exchange(peer, bytes, First::send, deadline);
    const auto begin = Clock::now();
    std::vector<double> halves;
    for (bool last = false; !last;) {
        last = static_cast<int>(halves.size()) + 1 == most || seconds_since(begin) > kSecondsEach;
        outgoing_.front() = last ? kLast : kMore;
        const auto start = Clock::now();
        exchange(peer, bytes, First::send, deadline);
        halves.push_back(seconds_since(start) / 2);
    }
    return halves;
}

probe::LinkFigures PingPong::ping(int peer, Deadline deadline) {
    outgoing_.assign(kLarge, kMore);
    incoming_.resize(kLarge);
    probe::LinkFigures link;
    link.latency =
        measure::summarise<Seconds>(half_round_trips(peer, kSmall, kSmallRounds, deadline));
    outgoing_.front() = kMore;
    std::vector<double> rates;
    for (const double half : half_round_trips(peer, kLarge, kLargeRounds, deadline))
        rates.push_back(kLarge / half);
    link.bandwidth = measure::summarise<BytesPerSecond>(std::move(rates));
    return link;
}

void PingPong::pong(int peer, Deadline deadline) {
    outgoing_.assign(kLarge, kMore);
    incoming_.resize(kLarge);
    for (const int bytes : {kSmall, kLarge}) {
        incoming_.front() = kMore;
        while (incoming_.front() != kLast) exchange(peer, bytes, First::receive, deadline);
    }
}

}  // namespace amorsize::mpi
