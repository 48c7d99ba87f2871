#include "mpi/run/placement.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::run;

namespace {

/// `domains` domains of `cores` cores of `threads` hardware threads, numbered as Linux often does:
/// first threads first.
Topology machine(int domains, int cores, int threads) {
    Topology topology;
    for (int domain = 0; domain < domains; ++domain) {
        topology.domains.push_back({domain * 10, Bytes{0}});
        for (int core = 0; core < cores; ++core) {
            Core each;
            each.domain = domain;
            for (int thread = 0; thread < threads; ++thread) {
                each.pus.push_back(thread * domains * cores + domain * cores + core);
            }
            topology.cores.push_back(each);
        }
    }
    return topology;
}

std::set<int> set_of(const Place& place) {
    return {place.cpus.begin(), place.cpus.end()};
}

}  // namespace

TEST_CASE("each worker gets a core of its own with all its hardware threads") {
    const auto places = place_workers(machine(2, 4, 2), {8, 1, 1});
    REQUIRE(places.size() == 8);
    std::set<int> all;
    for (const Place& place : places) {
        CHECK(place.cpus.size() == 2);
        CHECK(place.cpus[1] == place.cpus[0] + 8);
        all.merge(set_of(place));
    }
    CHECK(all.size() == 16);
}

TEST_CASE("workers are spread evenly over domains and prefer their domain's memory") {
    const auto places = place_workers(machine(4, 8, 1), {8, 2, 1});
    std::map<int, int> workers;
    for (const Place& place : places) {
        CHECK(place.cpus.size() == 2);
        CHECK(place.cpus[0] / 8 == place.cpus[1] / 8);
        CHECK(place.numa_node == place.cpus[0] / 8 * 10);
        ++workers[place.numa_node];
    }
    CHECK(workers == std::map<int, int>{{0, 2}, {10, 2}, {20, 2}, {30, 2}});
}

TEST_CASE("with two threads of a core in use workers may move to a core that is idle") {
    const auto places = place_workers(machine(2, 2, 2), {6, 1, 2});
    REQUIRE(places.size() == 6);
    for (const Place& place : places) {
        const std::set<int> domain =
            place.numa_node == 0 ? std::set<int>{0, 1, 4, 5} : std::set<int>{2, 3, 6, 7};
        CHECK(set_of(place) == domain);
    }
    CHECK(std::count_if(places.begin(), places.end(),
                        [](const Place& p) { return p.numa_node == 0; }) == 3);
}

TEST_CASE("more workers than cores are held to domains, not to cores") {
    const auto places = place_workers(machine(2, 2, 1), {12, 1, 1});
    REQUIRE(places.size() == 12);
    for (const Place& place : places) CHECK(place.cpus.size() == 2);
    CHECK(std::count_if(places.begin(), places.end(),
                        [](const Place& p) { return p.numa_node == 0; }) == 6);
}

TEST_CASE("a worker wider than a domain is not held to one") {
    const auto places = place_workers(machine(2, 2, 1), {1, 4, 1});
    CHECK(places == std::vector<Place>{Place{}});
}

TEST_CASE("on one domain no memory is preferred") {
    CHECK(place_workers(machine(1, 4, 1), {2, 1, 1})[0].numa_node == -1);
}

TEST_CASE("ranks that were given the same CPUs share them out") {
    const std::vector<int> cpus{0, 1, 2, 3, 4, 5, 6};
    std::vector<int> joined;
    for (int rank = 0; rank < 3; ++rank) {
        const auto share = share_of_cpus(cpus, rank, 3);
        CHECK(share.size() >= 2);
        joined.insert(joined.end(), share.begin(), share.end());
    }
    CHECK(joined == cpus);
    CHECK(share_of_cpus({4, 5}, 2, 3) == std::vector<int>{4});
}
