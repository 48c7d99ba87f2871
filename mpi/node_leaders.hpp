#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/node_survey.hpp"
#include "mpi/communicator.hpp"
#include "mpi/probe/fold_tree.hpp"
#include "mpi/timed_messages.hpp"

namespace amorsize::mpi {

/// One rank of each node, which speaks for it; the others wait without taking processor time.
/// After its own report has gone up the tree a leader serves the root's requests until it is let
/// go. Nothing here waits longer than its deadline for a rank that died or hangs.
class NodeLeaders {
public:
    /// Collective. `every_rank`: ranks of one node count as nodes, too.
    explicit NodeLeaders(bool every_rank);

    bool leads() const { return leaders_.has_value(); }
    bool is_root() const { return leads() && number_ == 0; }
    /// Of this leader among the leaders.
    int number() const { return number_; }
    int count() const { return count_; }
    const Communicator& leaders() const { return *leaders_; }
    /// Everyone's texts on this node. Collective on the node.
    std::vector<std::string> gather_on_node(const std::string& text) const {
        return node_.gather_everywhere(text);
    }

    /// Sums up the tree what each leader has. The root gets all that arrived in time, the others
    /// what lies below them. A leader waits `grace` longer than those below it.
    HostList fold_hosts(HostList own, Deadline, std::chrono::milliseconds grace);
    NodeSurvey fold_surveys(NodeSurvey own, Deadline, std::chrono::milliseconds grace);

    /// What the root wants of a leader.
    struct Request {
        int to = 0;
        std::string text;
    };
    /// Root: sends a request to one leader.
    void request(const Request&);
    /// Root: the answers of these leaders, as far as they come by the deadline.
    std::vector<Letter> collect(std::vector<int> from, Deadline);
    /// Leaders but the root: answers the root's requests until it ends them, `root_is_lost` says so
    /// or time is up. True if all ranks live, so that MPI can be finalised.
    bool serve(const std::function<std::string(const std::string& request)>& answer,
               const std::function<bool()>& root_is_lost, Deadline);
    /// Root: ends serve() everywhere.
    void let_go(bool all_live);
    /// Leader: lets the other ranks of its node go.
    void let_node_go(bool all_live);
    /// Ranks that do not lead: waits for that.
    bool wait_to_go(Deadline);

private:
    template <class Value>
    Value fold_up(Value sum, int tag, Deadline, std::chrono::milliseconds grace);
    void let_go_below();

    Communicator node_;
    std::optional<Communicator> leaders_;
    Mailbox on_node_;
    std::optional<Mailbox> between_;
    int number_ = -1;
    int count_ = 0;
    probe::TreePlace place_;
};

}  // namespace amorsize::mpi
