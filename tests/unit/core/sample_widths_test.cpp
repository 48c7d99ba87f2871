#include "advisor/core/sample_widths.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

/// The widths tried on a list of `items` that take `alone`, where `limit` are served at once at
/// most and `loss` of that is lost for each item beyond.
std::vector<int> tried(WidthRange range, std::int64_t items, double limit, double loss = 0,
                       Seconds alone = {1}) {
    range.alone = alone;
    std::vector<int> widths;
    try_widths(
        range, [&] { return items; },
        [&](int width) {
            widths.push_back(width);
            items -= width;
            const double lost = 1 - loss * std::max(0.0, width - limit);
            return Accompanied{1.0 * width,
                               alone * (width / std::min<double>(width, limit * lost))};
        });
    return widths;
}

using Widths = std::vector<int>;

}  // namespace

TEST_CASE("items that compute are tried on all cores, and on half of them if they lost a third") {
    CHECK(tried({16, 64, 1, {}}, 1000, 16) == Widths{16});
    CHECK(tried({16, 64, 1, {}}, 1000, 6) == Widths{16, 8});
    CHECK(tried({2, 64, 1, {}}, 1000, 1) == Widths{2});
    CHECK(tried({1, 64, 1, {}}, 1000, 1).empty());
}

TEST_CASE("second threads are tried where all cores were no hindrance") {
    CHECK(tried({16, 64, 1, {}, 32}, 1000, 32) == Widths{16, 32});
    CHECK(tried({16, 64, 1, {}, 32}, 1000, 6) == Widths{16, 8});
    CHECK(tried({16, 24, 1, {}, 32}, 1000, 32) == Widths{16});
    CHECK(tried({16, 64, 1, {}, 32}, 40, 32) == Widths{16});
}

TEST_CASE("items that wait are tried ever wider while that helps, then half-way back") {
    CHECK(tried({2, 512, 0.02, {}}, 10000, 20) == Widths{8, 32, 64, 40});
    CHECK(tried({2, 512, 0.02, {}}, 10000, 20, 0.05) == Widths{8, 32, 15, 21});
    CHECK(tried({2, 32, 0.02, {}}, 10000, 1000) == Widths{8, 32});
    CHECK(tried({1, 64, 0.1, {}}, 10000, 2) == Widths{4, 2});
}

TEST_CASE("how wide rounds are does not depend on how long items take") {
    for (const double seconds : {0.01, 0.1, 10.0, 1000.0})
        CHECK(tried({2, 512, 0.02, {}}, 10000, 20, 0.05, {seconds}) == Widths{8, 32, 15, 21});
}

TEST_CASE("no wider than twice what keeps the cores busy") {
    CHECK(tried({4, 512, 0.5, {}}, 10000, 1000) == Widths{8, 16});
}

TEST_CASE("a short list goes into one last round where it has no room for two") {
    CHECK(tried({8, 512, 0.01, {}}, 71, 1000) == Widths{32, 39});
    CHECK(tried({8, 512, 0.01, {}}, 33, 1000) == Widths{32});
    CHECK(tried({16, 64, 1, {}}, 7, 16) == Widths{7});
    CHECK(tried({16, 64, 1, {}}, 1, 16).empty());
}

TEST_CASE("a round that tells nothing is the last") {
    int rounds = 0;
    try_widths(
        {8, 512, 0.1, Seconds{1}}, [] { return 1000; },
        [&](int) {
            ++rounds;
            return Accompanied{};
        });
    CHECK(rounds == 1);
}

TEST_CASE("a round is judged by the items that had nearly the most company") {
    const Accompanied full = fullest({{4, Seconds{2}}, {3.2, Seconds{1}}, {1.5, Seconds{9}}});
    CHECK(std::abs(full.company - 3.6) < 1e-9);
    CHECK(std::abs(full.seconds.value - 1.5) < 1e-9);
    CHECK(fullest({}).seconds == Seconds{0});
}
