#include "mpi/run/item_set.hpp"

#include <random>

#include "tests/support/catch.hpp"

using namespace amorsize::run;

TEST_CASE("missing items are those outside the set, in order") {
    std::mt19937 random(5);
    for (const std::int64_t size : {0, 1, 63, 64, 65, 511, 512, 513, 5000}) {
        ItemSet set(size);
        std::vector<std::int64_t> expected;
        for (std::int64_t item = 0; item < size; ++item) {
            if (random() % 3 == 0) {
                expected.push_back(item);
            } else {
                set.insert(item);
            }
        }
        CHECK(set.count() == size - std::ssize(expected));
        const MissingItems missing(set);
        REQUIRE(missing.count() == std::ssize(expected));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            REQUIRE(missing[static_cast<std::int64_t>(i)] == expected[i]);
        }
    }
}

TEST_CASE("a set survives being sent as bytes") {
    ItemSet set(200);
    set.insert(0);
    set.insert(199);
    const ItemSet copy(200, set.bytes());
    CHECK(copy.count() == 2);
    CHECK(copy.contains(199));
    set.erase(199);
    CHECK_FALSE(set.contains(199));
}
