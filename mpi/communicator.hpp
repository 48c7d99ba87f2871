#pragma once

#include <mpi.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace amorsize::mpi {

/// Throws Error (environment) with MPI's own words if `code` is not MPI_SUCCESS.
void check(int code, const char* action);

/// MPI from initialisation to the end. All calls are made by the thread that made this.
class Environment {
public:
    Environment();
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment();
};

/// A communicator that is freed unless it is MPI_COMM_WORLD. Errors are returned, not fatal.
class Communicator {
public:
    static Communicator world();
    /// The same ranks with messages of their own.
    Communicator duplicate() const;
    /// The ranks that share this rank's node.
    Communicator on_node() const;
    /// This rank alone.
    static Communicator self();
    /// The ranks that are members, in their order; nothing on the others. Collective.
    std::optional<Communicator> of_members(bool member) const;

    Communicator(Communicator&& other) noexcept
        : handle_(std::exchange(other.handle_, MPI_COMM_NULL)) {}
    Communicator& operator=(Communicator&&) = delete;
    ~Communicator();

    MPI_Comm get() const { return handle_; }
    int rank() const;
    int size() const;

    /// Rank 0's text on every rank. Any length.
    std::string broadcast(std::string text) const;
    /// Everyone's texts by rank, on rank 0; empty elsewhere.
    std::vector<std::string> gather(const std::string& text) const;
    /// Everyone's texts by rank, on every rank.
    std::vector<std::string> gather_everywhere(const std::string& text) const;

private:
    explicit Communicator(MPI_Comm handle) : handle_(handle) {}
    std::vector<int> lengths(const std::string& text) const;

    MPI_Comm handle_;
};

}  // namespace amorsize::mpi
