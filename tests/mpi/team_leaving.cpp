// Under mpirun: the other ranks have told rank 0 something and are finished, before it next looks.
// It must not leave them without an answer: then this ends, with their sums whole on rank 0.
#include <chrono>
#include <cstdio>
#include <thread>

#include "mpi/communicator.hpp"
#include "mpi/rank_team.hpp"

using namespace amorsize;

int main() {
    mpi::Environment environment;
    const auto team = mpi::make_rank_team(mpi::Drawing::messages);
    if (team->rank() == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    } else {
        team->add_to_tally({team->rank(), 0});
        team->progress();
        team->add_to_tally({1, 1});
    }
    while (!team->all_have_finished()) team->progress();
    if (team->rank() != 0) return 0;
    const run::Tally sums = team->tally();
    const int others = team->size() - 1;
    const int told = others * (others + 1) / 2 + others;
    std::printf("%ld of %d done, %ld of %d failed\n", static_cast<long>(sums.done), told,
                static_cast<long>(sums.failed), others);
    return sums.done == told && sums.failed == others ? 0 : 1;
}
