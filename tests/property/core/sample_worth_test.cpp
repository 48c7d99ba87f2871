#include "advisor/core/sample_worth.hpp"

#include <cmath>

#include "advisor/core/random.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

SampleStake random_stake(Random& random) {
    SampleStake stake;
    stake.run = Seconds{std::pow(10, random.uniform() * 6 - 1)};
    stake.items = static_cast<std::int64_t>(std::pow(10, random.uniform() * 6));
    stake.cv = random.uniform() * 3;
    stake.risk = {std::pow(10, -random.uniform() * 3)};
    return stake;
}

int wanted(const SampleStake& stake, Seconds cost) {
    return further_samples(5, 1000, cost, stake);
}

}  // namespace

TEST_CASE("each further sample is worth less than the one before, and never less than nothing") {
    Random random(17);
    for (int i = 0; i < 300; ++i) {
        const SampleStake stake = random_stake(random);
        Seconds before = worth_of_next_sample(1, stake);
        // The last item of a short list takes all that is left of the risk away.
        for (int n = 2; n < std::min<std::int64_t>(200, stake.items - 1); ++n) {
            const Seconds next = worth_of_next_sample(n, stake);
            CAPTURE(i, n, stake.items, stake.cv, stake.risk.value);
            REQUIRE(next >= Seconds{0});
            REQUIRE(next.value <= before.value * (1 + 1e-9));
            before = next;
        }
    }
}

TEST_CASE("nothing is worth more than the run, and nothing is left to learn of a whole list") {
    Random random(19);
    for (int i = 0; i < 300; ++i) {
        const SampleStake stake = random_stake(random);
        for (int n = 0; n < 60; ++n) CHECK(worth_of_next_sample(n, stake) <= stake.run);
        CHECK(worth_of_next_sample(static_cast<int>(stake.items), stake) == Seconds{0});
    }
}

TEST_CASE("a longer run, more scatter and cheaper items earn more samples") {
    Random random(23);
    for (int i = 0; i < 300; ++i) {
        const SampleStake stake = random_stake(random);
        const Seconds cost{std::pow(10, random.uniform() * 4 - 3)};
        const int usual = wanted(stake, cost);
        CHECK(wanted(stake, cost * 2) <= usual);
        SampleStake longer = stake;
        longer.run = stake.run * 3;
        CHECK(wanted(longer, cost) >= usual);
        SampleStake uneven = stake;
        uneven.cv = stake.cv * 1.5;
        CHECK(wanted(uneven, cost) >= usual);
        SampleStake careful = stake;
        careful.risk = {stake.risk.value / 4};
        CHECK(wanted(careful, cost) >= usual);
    }
}

TEST_CASE("sampling stops where the risk accepted is reached and items hardly vary") {
    SampleStake stake{Seconds{86400}, 1000000, 0.01, {0.05}};
    const int all = 5 + wanted(stake, Seconds{1});
    CHECK(all >= 25);
    CHECK(all <= 29);  // 0.9^29 < 0.05
    CHECK(wanted(stake, Seconds{3600}) == 0);
    stake.run = Seconds{20};
    CHECK(wanted(stake, Seconds{1}) == 0);
}

TEST_CASE("never beyond the most, or the list") {
    const SampleStake stake{Seconds{1e6}, 12, 1, {0.001}};
    CHECK(further_samples(5, 8, Seconds{1e-6}, stake) == 3);
    CHECK(further_samples(5, 100, Seconds{1e-6}, stake) == 7);
    CHECK(further_samples(20, 8, Seconds{1e-6}, stake) == 0);
}
