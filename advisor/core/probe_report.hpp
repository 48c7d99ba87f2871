#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/node_survey.hpp"
#include "advisor/core/units.hpp"

namespace amorsize::probe {

/// A class of nodes as it stands in the profile.
struct FoundClass {
    std::string name;
    NodeGroup nodes;
    NodeFigures figures;  ///< medians over the nodes
};

/// Nodes that stand out of their class.
struct Outlier {
    std::string node_class;
    NodeFigure figure = NodeFigure::core_rate;
    HostList hosts;
    std::int64_t further = 0;  ///< nodes beyond those named that stand out likewise
    double value = 0;          ///< the worst of theirs
    double median = 0;         ///< of the class; of the sister class where memory is missing
    std::string note;          ///< what explains it, if known
};

/// One size of step that was started to see how long it takes.
struct LaunchPoint {
    int nodes = 1;
    int ranks = 1;
    Measured<Seconds> time;  ///< until the last rank had started MPI
    int repetitions = 0;
};

struct LaunchReport {
    std::string launcher;  ///< "srun", "mpirun"; empty: nothing was started
    std::vector<LaunchPoint> points;
    std::optional<LaunchCost> cost;  ///< fitted to the points
    Seconds largest_error;           ///< of the fit at a point
    std::string unmeasured;          ///< why there is no cost
};

/// Messages between two nodes.
struct LinkFigures {
    std::string from;
    std::string to;
    Measured<Seconds> latency;  ///< half a round trip of 8 bytes
    Measured<BytesPerSecond> bandwidth;
};

struct NetworkReport {
    std::vector<LinkFigures> links;
    std::string unmeasured;  ///< why there are none, or not all
};

/// What amorsize-probe tells.
struct ProbeReport {
    std::string cluster;
    std::string partition;
    std::optional<std::string> slurm_version;
    std::optional<MpiFacts> mpi;
    bool full = false;  ///< measured, not only looked at
    std::vector<FoundClass> classes;
    std::vector<Outlier> outliers;
    HostList missing;  ///< nodes that did not answer
    LaunchReport launch;
    NetworkReport network;
    std::vector<std::string> warnings;
    Seconds took;        ///< all of it
    Seconds nodes_took;  ///< until all nodes had reported or time was up
    Seconds network_took;
    Seconds launches_took;
};

/// How figures are called, in JSON ("one_core_bandwidth") and in text ("bandwidth of one core").
const char* key_of(NodeFigure);
const char* words_of(NodeFigure);
/// The figure with its unit.
std::string text_of(NodeFigure, double value);
/// How far the repetitions behind the figure lay apart; nothing where it rests on none.
std::optional<Fraction> spread_of(const FigureSpreads&, NodeFigure);

}  // namespace amorsize::probe
