#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advisor/core/probe_report.hpp"
#include "mpi/node_leaders.hpp"
#include "mpi/ping_pong.hpp"

namespace amorsize::mpi {

/// Latency and bandwidth between nodes. The root names pairs of leaders, one pair at a time; the
/// others answer its requests from NodeLeaders::serve().
class NetworkProbe {
public:
    NetworkProbe(NodeLeaders& leaders, std::string host)
        : leaders_(leaders), host_(std::move(host)), messages_(leaders.leaders()) {}

    /// Root: pairs among these leaders, its own number 0 among them. What goes wrong is noted in
    /// the report.
    probe::NetworkReport measure(const std::vector<int>& alive);
    /// False after a message that never came: MPI may wait for it at the end.
    bool sound() const { return sound_; }
    /// Others: does its part of what the root asked. Whether it was for us, and the answer.
    std::optional<std::string> answer(const std::string& request);

private:
    probe::LinkFigures measure_link(int from, int to);
    std::string play(const std::string& part, int peer);

    NodeLeaders& leaders_;
    std::string host_;
    PingPong messages_;
    bool sound_ = true;
};

}  // namespace amorsize::mpi
