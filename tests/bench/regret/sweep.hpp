#pragma once

#include <map>
#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "tests/bench/regret/suite.hpp"

namespace amorsize::arena {

/// A choice and how long the job takes under it: the mean over the realisations, infinite if it
/// runs out of memory in one of them.
struct Trial {
    Choice choice;
    double wall = 0;
};

class Sweep {
public:
    Sweep(const Case&, std::vector<Realisation>);

    Trial timed(const Choice&);

    /// What people do without advice, on all nodes: every hardware thread, an item at a time; every
    /// core, chunks of N / 4P; GNU parallel's and joblib's defaults.
    std::map<std::string, Trial> habits();

    /// The best of everything tried: nodes x workers with three ways to cut the list, then every
    /// chunk and both schedules around the best of these. Keeps the user's headroom.
    Trial best();

private:
    double mean_wall(const Job&, const Choice&, double give_up) const;
    void consider(const Choice&, double slack);
    void consider_chunks(int nodes, int workers);
    std::vector<int> worker_counts(int nodes) const;
    int most_workers() const;

    const Case& case_;
    std::vector<Realisation> truths_;
    std::vector<Trial> trials_;
    double least_ = std::numeric_limits<double>::infinity();
};

/// The advice as the simulation runs it.
Choice choice_of(const Advice&);

}  // namespace amorsize::arena
