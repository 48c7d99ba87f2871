// How fast chunks are handed out across ranks, against nothing but MPI_Fetch_and_op on the same
// ranks, in turns:
//   mpirun -np 4 counter_bench [DRAWS a rank] [ROUNDS]
// Prints one line a round: draws a second, and in parentheses the ratio to the bare loop.

#include <mpi.h>

#include <cstdio>
#include <cstdlib>

#include "mpi/communicator.hpp"
#include "mpi/rank_team.hpp"
#include "mpi/run/chunk_source.hpp"

using namespace amorsize;

namespace {

/// Nothing where MPI cannot make a window.
double bare(std::int64_t draws) {
    std::int64_t* memory = nullptr;
    MPI_Win window = MPI_WIN_NULL;
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if (MPI_Win_allocate(rank == 0 ? 8 : 0, 8, MPI_INFO_NULL, MPI_COMM_WORLD, &memory, &window) !=
        MPI_SUCCESS)
        return 0;
    if (rank == 0) *memory = 0;
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, window);
    const double begin = MPI_Wtime();
    for (std::int64_t i = 0; i < draws; ++i) {
        const std::int64_t one = 1;
        std::int64_t value = 0;
        MPI_Fetch_and_op(&one, &value, MPI_INT64_T, 0, 0, MPI_SUM, window);
        MPI_Win_flush(0, window);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    const double seconds = MPI_Wtime() - begin;
    MPI_Win_unlock_all(window);
    MPI_Win_free(&window);
    return seconds;
}

double handed_out(std::int64_t draws, int ranks, mpi::Drawing drawing) {
    const auto team = mpi::make_rank_team(drawing);
    const ChunkSequence chunks(Schedule::factoring, draws * ranks * 1000, ranks, 1000);
    run::ChunkSource source(chunks, team->counter(), 1);
    MPI_Barrier(MPI_COMM_WORLD);
    const double begin = MPI_Wtime();
    for (std::int64_t i = 0; i < draws; ++i) {
        source.ask();
        while (source.asked()) {
            team->progress();
            source.take();
        }
    }
    while (!team->all_have_finished()) team->progress();
    return MPI_Wtime() - begin;
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t draws = argc > 1 ? std::atoll(argv[1]) : 100000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    const mpi::Environment environment;
    int rank = 0;
    int ranks = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    const double all = static_cast<double>(draws) * ranks;
    for (int round = 0; round < rounds; ++round) {
        const double plain = bare(draws);
        const double window = plain > 0 ? handed_out(draws, ranks, mpi::Drawing::window) : 0;
        const double messages = handed_out(draws, ranks, mpi::Drawing::messages);
        if (rank != 0) continue;
        if (plain > 0) {
            std::printf("bare %.0f/s  window %.0f/s (%.2f)  messages %.0f/s (%.2f)\n", all / plain,
                        all / window, plain / window, all / messages, plain / messages);
        } else {
            std::printf("no one-sided communication here  messages %.0f/s\n", all / messages);
        }
    }
    return 0;
}
