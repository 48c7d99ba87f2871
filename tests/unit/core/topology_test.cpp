#include "advisor/core/topology.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;

TEST_CASE("a topology is counted by domain and cache") {
    Topology topology;
    topology.packages = 1;
    topology.l3_caches = 3;
    topology.domains = {{0, kGiB}, {1, kGiB}};
    topology.cores = {{0, 0, 0, 0, {0, 4}}, {0, 0, 1, 0, {1, 5}}, {0, 1, 2, 0, {2}}};
    CHECK(hardware_threads(topology) == 5);
    CHECK(threads_per_core(topology) == 1);
    CHECK(cores_of_domain(topology, 0) == 2);
    CHECK(l3_caches_of_domain(topology, 0) == 2);
    CHECK(describe(topology) == "1 package, 2 NUMA domains, 3 cores, 5 hardware threads");
}
