#pragma once

#include <string>
#include <vector>

#include "advisor/core/probe_report.hpp"
#include "mpi/timed_messages.hpp"

namespace amorsize::mpi {

/// Messages back and forth between two ranks, as fast as they go, none waited for longer than its
/// deadline. Both throw Error (environment) if the other side does not keep up, or if MPI fails.
class PingPong {
public:
    explicit PingPong(const Communicator& ranks) : ranks_(ranks.duplicate()) {}
    PingPong(const PingPong&) = delete;
    PingPong& operator=(const PingPong&) = delete;

    /// Half the round trip of 8 bytes, and what 4 MiB messages make of the bandwidth; medians with
    /// their spread, names left open. Takes up to some tenths of a second.
    probe::LinkFigures ping(int peer, Deadline);
    /// The other side of ping().
    void pong(int peer, Deadline);

private:
    enum class First { send, receive };
    void exchange(int peer, int bytes, First, Deadline);
    void wait(MPI_Request&, Deadline);
    std::vector<double> half_round_trips(int peer, int bytes, int most, Deadline);

    Communicator ranks_;
    std::vector<char> outgoing_;
    std::vector<char> incoming_;
};

}  // namespace amorsize::mpi
