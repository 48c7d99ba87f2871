#include <algorithm>
#include <cmath>

#include "advisor/core/advise.hpp"
#include "advisor/core/time_promise.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

TEST_CASE("few samples promise less than was wanted, and say how many more would do") {
    const TimePromise five = promise_of_time(5, 100000, {0.05});
    CHECK(five.alike.value == Approx(0.025));
    CHECK(five.unseen.value == Approx(std::pow(0.9, 5)));
    CHECK(five.samples_missing == 31);
    const TimePromise enough = promise_of_time(5 + five.samples_missing, 100000, {0.05});
    CHECK(enough.samples_missing == 0);
    CHECK(enough.risk().value == Approx(0.05));
    CHECK(promise_of_time(35, 100000, {0.05}).risk() > Fraction{0.05});
}

TEST_CASE("who sampled all, or was given the times, has the risk that was wanted") {
    for (const int samples : {0, 12}) {
        const TimePromise promise = promise_of_time(samples, 12, {0.05});
        CHECK(promise.risk().value == Approx(0.05));
        CHECK(promise.samples_missing == 0);
    }
    CHECK(promise_of_time(5, 16, {0.05}).unseen < promise_of_time(5, 320, {0.05}).unseen);
}
