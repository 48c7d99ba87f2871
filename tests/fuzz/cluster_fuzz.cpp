#include <cstdlib>

#include "advisor/io/cluster_reader.hpp"
#include "advisor/io/cluster_writer.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace amorsize;

namespace {

/// hwloc is not what is tested here: every description stands for one core.
Topology one_core(const std::string& source, bool) {
    if (source.empty()) throw Error(ExitCode::bad_input, "no topology");
    Topology topology;
    topology.packages = 1;
    topology.domains = {{0, kGiB}};
    topology.cores = {{0, 0, 0, 0, {0}}};
    return topology;
}

}  // namespace

/// What the reader takes must survive being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::read(data, size, [](std::string_view text) {
        const std::string written =
            write_cluster(parse_cluster(text, "cluster.yaml", "/profiles", one_core));
        std::string again;
        try {
            again = write_cluster(parse_cluster(written, "cluster.yaml", "/profiles", one_core));
        } catch (const Error&) {
        }
        if (again != written) std::abort();
    });
}
