#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "advisor/core/cluster.hpp"
#include "advisor/core/makespan.hpp"
#include "advisor/core/node_layout.hpp"

namespace amorsize {

/// One way to run the job, with the wall time the formula expects of it.
struct Candidate {
    const NodeOffer* offer = nullptr;
    std::shared_ptr<const NodeLayout> node;  ///< shared by the candidates that differ in nodes only
    int nodes = 1;
    int spared = 0;  ///< the last nodes that do without one worker, for there are no items for it
    Crew crew;
    Seconds start;          ///< launch and start of the workers
    Seconds assumed_start;  ///< the part of it that rests on a default of the model, not on a
                            ///< measured figure
    Seconds wall;           ///< start + estimated makespan
    double core_hours = 0;

    int workers() const { return node->workers * nodes - spared; }
};

/// What the model needs besides the offer and the work.
struct ModelCosts {
    LaunchCost launch;                ///< of a parallel job: srun or mpirun, up to useful work
    bool launches_lone_rank = false;  ///< a single rank of several workers too: under Slurm
    Seconds lone_start;               ///< of amorsize-run itself: always assumed
    Seconds spawn;                    ///< start of one worker by its rank
    Fraction node_spread;  ///< of the nodes' speeds; none where the job runs on the machine sampled
    bool launch_assumed = false;
    bool spawn_assumed = false;
    bool node_spread_assumed = false;
};

/// What handing one chunk to a rank costs.
Seconds dispatch_cost(const Cluster&);

/// What was measured of these costs, and the model's defaults for the rest.
ModelCosts costs_of(const Cluster&, const NodeOffer&);

/// Time until the workers of a layout do useful work: launch + the rank starting its workers +
/// their start-up.
Seconds start_time(const ModelCosts&, const Workload&, const NodeLayout&, int nodes);

/// One candidate; chunk and schedule are chosen for it.
Candidate make_candidate(const NodeOffer&, std::shared_ptr<const NodeLayout>, const Workload&,
                         const ModelCosts&, Mode, int nodes);

/// The rank of a node that has the most workers: it does without one where those of all nodes are
/// more than the items.
std::size_t fullest_rank(const NodeLayout&);

/// Core hours taken when the candidate's job lasts that long.
double core_hours(const Candidate&, Seconds wall);

/// Every layout worth comparing on this offer: workers per node from one to the ceiling, on a grid
/// that holds every small count and the ceiling, times the node counts that are allowed.
std::vector<Candidate> enumerate_candidates(const NodeOffer&, const Workload&, const ModelCosts&,
                                            const Manifest&);

/// `least` and on by ones, then by steps of 1/`fineness`, up to and including `most`.
std::vector<int> counting_grid(int least, int most, int fineness);

}  // namespace amorsize
