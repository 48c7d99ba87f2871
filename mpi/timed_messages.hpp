#pragma once

#include <chrono>
#include <list>
#include <optional>
#include <string>

#include "mpi/communicator.hpp"

namespace amorsize::mpi {

using Deadline = std::chrono::steady_clock::time_point;

/// A text from another rank.
struct Letter {
    int from = 0;
    int tag = 0;
    std::string text;
};

/// Texts between ranks, none of which can hang the sender or the receiver: both sides give up at a
/// deadline. Waiting sleeps between looks, so that it takes no processor from what is measured on
/// the node. All calls throw Error (environment) with MPI's words if MPI fails.
class Mailbox {
public:
    explicit Mailbox(const Communicator& ranks) : ranks_(ranks.duplicate()) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    /// Gives up what is still under way.
    ~Mailbox();

    /// Sends without waiting. A large text leaves only while this rank is in a call of this class.
    void post(int to, int tag, std::string text);
    /// Waits until everything posted has left; false at the deadline.
    bool flush(Deadline);
    /// The next text with this tag (MPI_ANY_TAG) from this rank (MPI_ANY_SOURCE); nothing at the
    /// deadline.
    std::optional<Letter> receive(int from, int tag, Deadline);

private:
    struct Posted {
        std::string text;
        MPI_Request request = MPI_REQUEST_NULL;
    };
    void progress();
    std::optional<Letter> take(MPI_Message& message, const MPI_Status&, Deadline);

    Communicator ranks_;
    std::list<Posted> posted_;
    std::list<std::string> abandoned_;  ///< texts that MPI may still write into
};

}  // namespace amorsize::mpi
