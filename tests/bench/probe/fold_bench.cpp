// How long the root of a probe takes over many node reports.
//   bench_probe_fold [NODES] [CLASSES]

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "advisor/io/survey_json.hpp"
#include "mpi/probe/findings.hpp"
#include "mpi/probe/fold_tree.hpp"

namespace {

using namespace amorsize;
using Clock = std::chrono::steady_clock;

/// Time on the wall and on a core: other work on the machine shows in the first alone.
struct Stopwatch {
    Clock::time_point wall = Clock::now();
    std::clock_t core = std::clock();

    double seconds() const { return std::chrono::duration<double>(Clock::now() - wall).count(); }
    std::string text() const {
        return fmt::format("{:.1f} ms ({:.1f} ms on a core)", 1e3 * seconds(),
                           1e3 * static_cast<double>(std::clock() - core) / CLOCKS_PER_SEC);
    }
};

/// A node of one of the classes, every figure some per cent off, with a topology of 60 kB as a
/// node of 128 cores has it.
NodeSurvey made_node(int number, int classes, std::mt19937_64& random) {
    std::normal_distribution<double> scatter(1, 0.03);
    const std::string host = fmt::format("node{:05}", number);
    NodeGroup node;
    node.hardware =
        fmt::format("EPYC {} | 2p l3:32x32768K d0:64c128t d1:64c128t | 512.00 GiB | 6.1",
                    random() % static_cast<unsigned>(classes));
    node.usable = "2p l3:32x32768K d0:64c128t d1:64c128t";
    node.family = node.hardware;
    node.described = "2 packages, 2 NUMA domains, 128 cores, 256 hardware threads";
    node.hardware_threads = 256;
    node.hosts.add(host);
    node.sample_host = host;
    node.topology_xml = std::string(60000, 'x');
    node.memory = kGiB * (500 * scatter(random));
    node.memory_per_domain = {node.memory * 0.5, node.memory * 0.5};
    for (int i = 0; i < kNodeFigures; ++i)
        node.figure(static_cast<NodeFigure>(i)).add({1e9 * scatter(random), host, "MemAvailable"});
    NodeSurvey survey = survey_of(std::move(node));
    survey.ranks.add(std::to_string(number));
    return survey;
}

NodeSurvey fold_messages(NodeSurvey sum, const std::vector<std::string>& messages) {
    for (const std::string& bytes : messages)
        sum = fold(std::move(sum), decode_survey(bytes, "a message"));
    return sum;
}

}  // namespace

int main(int argc, char** argv) {
    const int nodes = argc > 1 ? std::atoi(argv[1]) : 10000;
    const int classes = argc > 2 ? std::atoi(argv[2]) : 4;
    std::mt19937_64 random(1);
    std::vector<NodeSurvey> own;
    own.reserve(static_cast<std::size_t>(nodes));
    for (int i = 0; i < nodes; ++i) own.push_back(made_node(i, classes, random));

    // The tree, leaves first: what arrives at the root are its children's messages.
    std::vector<NodeSurvey> sums = own;
    std::vector<std::string> at_root;
    double longest_level = 0;
    for (int rank = nodes - 1; rank >= 1; --rank) {
        const Stopwatch step;
        const int parent = probe::place_in_tree(rank, nodes).parent;
        std::string bytes = encode(sums[static_cast<std::size_t>(rank)]);
        sums[static_cast<std::size_t>(rank)] = {};
        if (parent == 0) {
            at_root.push_back(std::move(bytes));
        } else {
            NodeSurvey& sum = sums[static_cast<std::size_t>(parent)];
            sum = fold(std::move(sum), decode_survey(bytes, "a message"));
        }
        longest_level = std::max(longest_level, step.seconds());
    }
    std::size_t bytes_at_root = 0;
    for (const std::string& message : at_root) bytes_at_root += message.size();
    const Stopwatch at_the_root;
    const NodeSurvey by_tree = fold_messages(own.front(), at_root);
    const auto found = probe::found_classes(by_tree);
    const auto outliers = probe::find_outliers(found);
    const std::string tree = at_the_root.text();

    // The worst case: everything at one place, one by one, as --collect reads a spool.
    std::vector<std::string> each;
    for (std::size_t i = 1; i < own.size(); ++i) each.push_back(encode(own[i]));
    const Stopwatch flat_fold;
    const NodeSurvey one_by_one = fold_messages(own.front(), each);
    const std::string flat = flat_fold.text();

    fmt::print("{} nodes, {} classes, {} groups of outliers\n", nodes, found.size(),
               outliers.size());
    fmt::print(
        "tree: {} at the root for {} messages of {:.0f} kB in all; longest step "
        "below it {:.1f} ms\n",
        tree, at_root.size(), static_cast<double>(bytes_at_root) / 1e3, 1e3 * longest_level);
    fmt::print("one by one: {} for {} messages\n", flat, each.size());
    fmt::print("same survey: {}\n", by_tree == one_by_one ? "yes" : "NO");
    return by_tree == one_by_one ? 0 : 1;
}
