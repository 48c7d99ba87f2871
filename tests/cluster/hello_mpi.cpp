// Says where each rank runs: "rank 1 of 6 on n1 with cpus 0-1, 2 ranks here, sum 15".
#include <mpi.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

std::string allowed_cpus() {
    std::ifstream status("/proc/self/status");
    const std::string key = "Cpus_allowed_list:\t";
    for (std::string line; std::getline(status, line);) {
        if (line.compare(0, key.size(), key) == 0) return line.substr(key.size());
    }
    return "?";
}

}  // namespace

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    int rank = 0;
    int ranks = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    MPI_Comm node = MPI_COMM_NULL;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    int here = 0;
    MPI_Comm_size(node, &here);
    int sum = 0;
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    std::printf("rank %d of %d on %s with cpus %s, %d ranks here, sum %d\n", rank, ranks,
                host.data(), allowed_cpus().c_str(), here, sum);
    MPI_Comm_free(&node);
    MPI_Finalize();
}
