#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/plan.hpp"
#include "advisor/core/random.hpp"

// The truth that advice is judged by: machines and jobs that are simulated event by event. Nothing
// here calls the model; the model sees none of this but through observe.hpp.
namespace amorsize::arena {

/// One cluster of like nodes, or one machine.
struct Machine {
    int nodes = 1;
    int domains = 1;            ///< NUMA domains of a node
    int cores = 1;              ///< of a domain
    int threads = 1;            ///< hardware threads of a core
    Bytes memory;               ///< of a node
    double smt_yield = 1;       ///< throughput of a core with all threads busy over one thread's
    double all_core_speed = 1;  ///< clock with every core of a node busy over one alone
    double streams = 4;         ///< memory-paced workers whose demand one domain just meets
    double node_spread = 0;     ///< standard deviation of the nodes' speeds
    LaunchCost launch;          ///< of more than one rank or, of several nodes, one worker
    Seconds lone_start{0.02};   ///< of the runner
    Seconds spawn{0.001};       ///< a rank starts its workers one after another
    Seconds dispatch{50e-6};    ///< until a worker has the chunk it asked for
    Seconds counter{2e-6};      ///< for which handing out a chunk keeps all others waiting

    int cores_of_node() const { return domains * cores; }
    int threads_of_node() const { return domains * cores * threads; }
};

enum class Shape { lognormal, pareto, bimodal, trace };

/// What the items are like, and how they get in each other's way.
struct Job {
    std::string family;
    Mode mode = Mode::stream;
    std::int64_t items = 1;
    Shape shape = Shape::lognormal;
    double mean_seconds = 1;
    double spread =
        0;            ///< lognormal: cv; pareto: tail index; bimodal: how much longer one in ten is
    double rise = 1;  ///< mean time at the end of the list over that at its start
    std::vector<double> trace;  ///< observed item times, for Shape::trace
    double cpu_share = 1;       ///< of an item's time alone
    double memory_share = 0;    ///< of an item's time alone that goes at the memory's pace
    double thrashing = 0;       ///< throughput lost for each further multiple of that demand
    Seconds worker_start;       ///< stream: of each worker; batch: of each chunk
    Bytes peak;                 ///< median of an item's peak memory
    double peak_cv = 0;
};

/// One drawing of a job's list of items and of the nodes' speeds. Two choices are compared on the
/// same ones.
struct Realisation {
    std::vector<double> seconds;  ///< of each item alone on a core of speed 1
    std::vector<double> before;   ///< sum of `seconds` before each item, and of all
    std::vector<Bytes> peaks;     ///< empty: all as Job::peak
    std::vector<double> speeds;   ///< of the nodes
};
Realisation realise(const Machine&, const Job&, Random&);

/// A way to run the job.
struct Choice {
    int nodes = 1;
    int workers_per_node = 1;
    int ranks_per_node = 1;
    Schedule schedule = Schedule::fixed;
    std::int64_t chunk = 1;
    double dispatch_serial = 0;  ///< seconds for which the master is busy with each chunk
};

/// One item or chunk as it ran.
struct Interval {
    std::int64_t first_item = 0;
    double begin = 0;
    double end = 0;
};

struct Outcome {
    double wall = 0;  ///< launch included; infinite if given up
    bool out_of_memory = false;
    Bytes peak_memory;  ///< the most that ran at once took on any node
};

/// Runs the job: workers spread evenly over the domains of each node, chunks drawn on demand, every
/// running chunk progressing at the pace its company on the domain and the node leaves it. Gives up
/// once the clock passes `give_up`.
Outcome run(const Machine&, const Job&, const Realisation&, const Choice&,
            double give_up = std::numeric_limits<double>::infinity(),
            std::vector<Interval>* intervals = nullptr);

/// Pace of an item with `active` running on the node, itself included: from cores and clock alone.
/// Items that wait need the cores the less, the slower what they wait for is: `served`, its pace.
double core_pace(const Machine&, const Job&, int active, double served);
/// Pace of an item with `active` running in the domain, from memory bandwidth alone.
double memory_pace(const Machine&, const Job&, int active);

}  // namespace amorsize::arena
