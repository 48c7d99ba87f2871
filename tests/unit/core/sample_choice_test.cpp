#include "advisor/core/sample_choice.hpp"

#include <algorithm>
#include <limits>

#include "advisor/core/random.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

bool all_different_and_inside(std::vector<std::int64_t> indices, std::int64_t items) {
    std::sort(indices.begin(), indices.end());
    return std::adjacent_find(indices.begin(), indices.end()) == indices.end() &&
           (indices.empty() || (indices.front() >= 0 && indices.back() < items));
}

}  // namespace

TEST_CASE("a spread sample has one item of every equal stretch of the list") {
    for (const std::int64_t items : {5L, 7L, 100L, 1003L, 1'000'000'007L}) {
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            auto chosen = choose_samples(items, 5, SampleChoice::spread, seed);
            REQUIRE(chosen.size() == 5);
            std::sort(chosen.begin(), chosen.end());
            for (std::int64_t k = 0; k < 5; ++k) {
                const std::int64_t begin = k * (items / 5) + std::min(k, items % 5);
                const std::int64_t length = items / 5 + (k < items % 5 ? 1 : 0);
                CHECK(chosen[static_cast<std::size_t>(k)] >= begin);
                CHECK(chosen[static_cast<std::size_t>(k)] < begin + length);
            }
        }
    }
}

TEST_CASE("a spread sample cut short has not always seen the start of the list only") {
    int started_in_first_stretch = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        if (choose_samples(1000, 5, SampleChoice::spread, seed).front() < 200)
            ++started_in_first_stretch;
    }
    CHECK(started_in_first_stretch < 50);
    CHECK(started_in_first_stretch > 0);
}

TEST_CASE("the same seed gives the same sample, on every platform") {
    CHECK(choose_samples(10000, 5, SampleChoice::spread, 1) ==
          choose_samples(10000, 5, SampleChoice::spread, 1));
    CHECK(choose_samples(10000, 5, SampleChoice::spread, 1) !=
          choose_samples(10000, 5, SampleChoice::spread, 2));
    CHECK(choose_samples(10000, 5, SampleChoice::spread, 1) ==
          std::vector<std::int64_t>{5942, 1133, 3491, 8888, 6888});
}

TEST_CASE("first takes the start of the list in order") {
    CHECK(choose_samples(100, 3, SampleChoice::first, 9) == std::vector<std::int64_t>{0, 1, 2});
    CHECK(choose_samples(100, 3, SampleChoice::first, 9, {0, 1}) ==
          std::vector<std::int64_t>{2, 3, 4});
}

TEST_CASE("no item is chosen twice, nor one that was taken") {
    for (const SampleChoice choice :
         {SampleChoice::spread, SampleChoice::random, SampleChoice::first}) {
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            const std::set<std::int64_t> taken = {0, 3, 4, 11, 19};
            const auto chosen = choose_samples(20, 10, choice, seed, taken);
            CHECK(chosen.size() == 10);
            CHECK(all_different_and_inside(chosen, 20));
            for (const std::int64_t index : chosen) CHECK(taken.count(index) == 0);
        }
    }
}

TEST_CASE("a list shorter than the sample is taken whole") {
    for (const SampleChoice choice :
         {SampleChoice::spread, SampleChoice::random, SampleChoice::first}) {
        CHECK(choose_samples(3, 5, choice, 1).size() == 3);
        CHECK(choose_samples(3, 5, choice, 1, {1, 7}).size() == 2);
        CHECK(choose_samples(0, 5, choice, 1).empty());
        CHECK(choose_samples(5, 0, choice, 1).empty());
    }
}

TEST_CASE("the longest list there can be does not overflow") {
    const std::int64_t items = std::numeric_limits<std::int64_t>::max();
    const auto chosen = choose_samples(items, 7, SampleChoice::spread, 3);
    CHECK(chosen.size() == 7);
    CHECK(all_different_and_inside(chosen, items));
}

TEST_CASE("the random numbers are SplitMix64's published ones") {
    Random random(1234567);
    CHECK(random.next() == 6457827717110365317U);
    CHECK(random.next() == 3203168211198807973U);
}
