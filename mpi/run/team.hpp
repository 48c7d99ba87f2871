#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace amorsize::run {

/// A counter that all ranks of a run add to. One request at a time is under way.
class SharedCounter {
public:
    virtual ~SharedCounter() = default;
    /// Starts to fetch the counter and add `amount` to it.
    virtual void request(std::int64_t amount) = 0;
    /// The value before the addition, once it has arrived.
    virtual std::optional<std::int64_t> poll() = 0;
};

/// What ranks tell rank 0 while they run.
struct Tally {
    std::int64_t done = 0;
    std::int64_t failed = 0;
};

/// The ranks of a run as the rank itself sees them. Everything is called by the rank's one event
/// loop thread.
class Team {
public:
    virtual ~Team() = default;
    virtual int rank() const = 0;
    virtual int size() const = 0;
    /// Position among the ranks of this node, and how many they are.
    virtual int local_rank() const = 0;
    virtual int local_size() const = 0;

    /// Collective: rank 0's text, on every rank.
    virtual std::string broadcast(std::string text) = 0;
    /// Collective: every rank's text by rank, on rank 0; empty elsewhere.
    virtual std::vector<std::string> gather(const std::string& text) = 0;
    /// Collective: the texts of the ranks on this node by local rank.
    virtual std::vector<std::string> gather_on_node(const std::string& text) = 0;

    virtual SharedCounter& counter() = 0;
    /// Adds to the sums that rank 0 sees.
    virtual void add_to_tally(const Tally& more) = 0;
    /// Rank 0: the sums so far.
    virtual Tally tally() = 0;

    /// Collective, to be called until it returns true: whether every rank has called it.
    virtual bool all_have_finished() = 0;
    /// How often the event loop must call progress() for others to be served; nothing if never.
    virtual std::optional<double> progress_interval_seconds() const = 0;
    virtual void progress() = 0;
};

/// The team of a rank that runs by itself, without MPI.
std::unique_ptr<Team> make_team_of_one();

}  // namespace amorsize::run
