#pragma once

#include <random>
#include <string>
#include <vector>

#include "advisor/core/node_survey.hpp"

// Node reports made from numbers.
namespace amorsize::made_nodes {

inline Bytes gibibytes(double count) {
    return kGiB * count;
}

/// A node of 2 packages with 256 GiB, all figures at their usual value.
inline NodeGroup node(const std::string& host) {
    NodeGroup made;
    made.hardware = "EPYC | 2p d0:64c128t d1:64c128t | 256.00 GiB | 6.1.0";
    made.usable = "2p d0:64c128t d1:64c128t";
    made.family = "EPYC | 2p d0:64c128t d1:64c128t";
    made.described = "2 packages, 2 NUMA domains, 128 cores, 256 hardware threads";
    made.hardware_threads = 256;
    made.hosts.add(host);
    made.sample_host = host;
    made.topology_xml = "<topology/>\n";
    made.memory = gibibytes(250);
    made.memory_per_domain = {gibibytes(120), gibibytes(125)};
    const auto set = [&](NodeFigure figure, double value, const char* note = "") {
        made.figure(figure).add({value, host, note});
    };
    set(NodeFigure::installed_memory, static_cast<double>(gibibytes(256).value));
    set(NodeFigure::usable_memory, static_cast<double>(gibibytes(250).value), "MemAvailable");
    set(NodeFigure::exec, 900e-6);
    set(NodeFigure::fork_per_gib, 5e-3);
    set(NodeFigure::thread, 20e-6);
    set(NodeFigure::one_core_bandwidth, 12e9);
    set(NodeFigure::saturated_bandwidth, 150e9);
    set(NodeFigure::saturating_cores, 24);
    set(NodeFigure::smt_yield, 1.2);
    set(NodeFigure::core_rate, 4e8);
    set(NodeFigure::all_core_speed, 0.9);
    set(NodeFigure::measuring, 4.1);
    for (const int domain : {0, 1}) {
        for (const int memory : {0, 1}) {
            const double rate = domain == memory ? 12e9 : 7.25e9;
            made.cross_bandwidth.push_back({domain, memory, {rate}, {0.004}});
        }
    }
    return made;
}

/// The node with one figure in place of its usual value.
inline NodeGroup with(NodeGroup made, NodeFigure figure, double value,
                      const std::string& note = {}) {
    made.figure(figure) = {};
    made.figure(figure).add({value, made.sample_host, note});
    return made;
}

/// Nodes n1, n2, ... of three kinds, whose figures scatter by some per cent.
inline std::vector<NodeSurvey> random_nodes(std::mt19937_64& random, int count) {
    std::normal_distribution<double> scatter(1, 0.03);
    std::vector<NodeSurvey> nodes;
    for (int i = 1; i <= count; ++i) {
        NodeGroup made = node("n" + std::to_string(i));
        const auto kind = std::to_string(random() % 3);
        made.hardware += kind;
        made.topology_xml = "<topology of=\"" + made.sample_host + "\"/>";
        made.memory = made.memory * scatter(random);
        for (Bytes& domain : made.memory_per_domain) domain = domain * scatter(random);
        for (int f = 0; f < kNodeFigures; ++f) {
            const auto figure = static_cast<NodeFigure>(f);
            made = with(made, figure, made.figure(figure).median() * scatter(random));
        }
        if (random() % 4 == 0) made.remarks.add("remark " + std::to_string(random() % 20));
        NodeSurvey survey = survey_of(std::move(made));
        survey.ranks.add(std::to_string(i - 1));
        nodes.push_back(std::move(survey));
    }
    return nodes;
}

}  // namespace amorsize::made_nodes
